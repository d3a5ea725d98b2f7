using Lofizone.Nfs;
using Lofizone.Nfs.Options;

namespace Lofizone.Shares;

/// <summary>Finds a dead server before anything is changed or waited for.</summary>
public static class ServerPresence
{
    /// <summary>Limit for a sign of life. A command that asks for one answers within 2 s.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(1.2);

    /// <summary>
    /// Refuses a share whose server is silent. Does nothing for a directory of this host, because only the kernel knows about such a
    /// server.
    /// </summary>
    /// <param name="share">The share, or a file on it.</param>
    /// <param name="advice">The remedy when the server does not answer.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <exception cref="LofizoneException">The server gives no sign of life.</exception>
    public static async Task RequireAsync(ShareUri share, string advice, CancellationToken cancellation)
    {
        if (!share.IsNfs)
            return;
        NfsAddress[] addresses = [.. share.Addresses.Select(address => new NfsAddress(address.Host, address.Port))];
        if (await NfsPing.AskAsync(addresses, _limit, cancellation) is { } why)
            throw new LofizoneException($"{share}: NFS server {share.Authority} can't be reached: {why}", advice);
    }
}
