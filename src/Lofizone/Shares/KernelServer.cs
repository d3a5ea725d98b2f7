using System.Globalization;
using Lofizone.Interop;
using Lofizone.Nfs;
using Lofizone.Nfs.Options;

namespace Lofizone.Shares;

/// <summary>
/// Asks the server of a kernel NFS mount for a sign of life, before any process waits for the server in the kernel, where no deadline
/// counts. The question is a NULL call on a connection of its own, because the kernel's client may hang.
/// </summary>
internal static class KernelServer
{
    private const int DefaultPort = 2049;

    /// <summary>Limit for the answer.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(1.2);

    /// <summary>Interval of the questions while work waits, and longest silence.</summary>
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2), _patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks for a sign of life. True also for an image in a directory without a server.</summary>
    /// <param name="image">The image.</param>
    /// <param name="cancellation">Ends the question.</param>
    public static async Task<bool> AnswersAsync(ShareUri image, CancellationToken cancellation) =>
        AddressesOf(image, MountTable.Read()) is not { Count: > 0 } addresses
            || await NfsPing.AskAsync(addresses, _limit, cancellation) is null;

    /// <summary>Refuses a directory whose server is silent.</summary>
    /// <exception cref="LofizoneException">The server gives no sign of life.</exception>
    public static async Task RequireAsync(ShareUri share, CancellationToken cancellation)
    {
        if (!await AnswersAsync(share, cancellation))
            throw Silent(share);
    }

    /// <summary>
    /// Waits for work on a directory's files. Throws when the directory's server falls silent during the work. The work then waits on, but
    /// does not keep this process from ending.
    /// </summary>
    /// <param name="work">The work, on a thread of its own.</param>
    /// <param name="share">The share, for the message.</param>
    /// <param name="answers">Asks the server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="LofizoneException">The server was silent for 10 s.</exception>
    public static async Task<T> WaitAsync<T>(
        Task<T> work, ShareUri share, Func<CancellationToken, Task<bool>> answers, TimeProvider time, CancellationToken cancellation)
    {
        long? silent = null;
        while (true)
        {
            using (CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
            {
                await Task.WhenAny(work, Task.Delay(_interval, time, done.Token));
                await done.CancelAsync();
            }

            if (work.IsCompleted)
                return await work;
            cancellation.ThrowIfCancellationRequested();
            long asked = time.GetTimestamp();
            silent = await answers(cancellation) ? null : silent ?? asked;
            if (silent is { } since && time.GetElapsedTime(since) >= _patience)
                throw Silent(share);
        }
    }

    private static LofizoneException Silent(ShareUri share)
    {
        MountEntry? mount = MountTable.Read().Holding(share.Path);
        return new LofizoneException(
            $"{share}: the NFS server of the mount {mount?.MountPoint} ({mount?.Source}) does not answer",
            $"wait for it and run again; or make the kernel fail what waits for it: umount -f {mount?.MountPoint}");
    }

    /// <summary>
    /// Addresses of an image's server; empty when the image is not on NFS. The options of the mount hold the server's address and port
    /// (nfs(5): addr, port).
    /// </summary>
    internal static IReadOnlyList<NfsAddress> AddressesOf(ShareUri image, MountTable mounts)
    {
        if (image.IsNfs)
            return [.. image.Addresses.Select(address => new NfsAddress(address.Host, address.Port))];
        if (mounts.Holding(image.Path) is not { FileSystemType: "nfs" or "nfs4" } mount
            || mount.SuperOption("addr") is not { Length: > 0 } server)
            return [];
        return
        [
            new NfsAddress(
                server,
                int.TryParse(mount.SuperOption("port"), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port > 0
                    ? port
                    : DefaultPort),
        ];
    }
}
