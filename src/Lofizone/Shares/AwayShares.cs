using System.Text;
using Lofizone.Basics;
using Lofizone.Hosts;

namespace Lofizone.Shares;

/// <summary>
/// The shares whose servers gave no answer to the last command that needed them: a small file each below /run/lofizone/away. So a listing
/// knows them without a question to every share, and asks only them again.
/// </summary>
/// <param name="paths">This host.</param>
/// <param name="answers">Asks a share's server for a sign of life, for a second or two at most.</param>
public sealed class AwayShares(HostPaths paths, Func<ShareUri, CancellationToken, Task<bool>> answers)
{
    /// <summary>The most servers that a listing asks. The others stay away in this listing.</summary>
    private const int AskedLimit = 16;

    private string Directory => Path.Combine(paths.Run, "away");

    /// <summary>Opens shares by <paramref name="open"/>, and notes which of them are away.</summary>
    public ShareOpener Noting(ShareOpener open) => async (uri, cancellation) =>
    {
        IShare share;
        try
        {
            share = await open(uri, cancellation);
        }
        catch (Exception error) when (ServerAway.IsReason(error))
        {
            HostFile.MakeDirectory(Directory);
            HostFile.Write(FileOf(uri), Encoding.UTF8.GetBytes(uri.ToString()));
            throw;
        }

        if (IsNoted(uri))
            HostFile.Delete(FileOf(uri));
        return share;
    };

    public bool IsNoted(ShareUri uri) => File.Exists(FileOf(uri));

    /// <summary>Asks the servers of the noted shares, all at once, and forgets those that answer.</summary>
    public Task RefreshAsync(CancellationToken cancellation) =>
        Task.WhenAll(HostFile.NamesIn(Directory).Take(AskedLimit).Select(name => RefreshAsync(name, cancellation)));

    private async Task RefreshAsync(string name, CancellationToken cancellation)
    {
        string file = Path.Combine(Directory, name);
        if (HostFile.Read(file) is not { } noted || !await answers(ShareUri.Parse(Encoding.UTF8.GetString(noted)), cancellation))
            return;
        // A user who is not root can't forget. The listing then shows what was noted.
        if (Environment.IsPrivilegedProcess)
            HostFile.Delete(file);
    }

    private string FileOf(ShareUri uri) => Path.Combine(Directory, Convert.ToHexStringLower(Digests.Sha256(uri.ToString())));
}
