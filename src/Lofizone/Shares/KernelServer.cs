using System.Globalization;
using Lofizone.Interop;
using Lofizone.Nfs;

namespace Lofizone.Shares;

/// <summary>
/// Asks the server of what the kernel's NFS client reads and writes for a sign of life, before anybody waits for it in the kernel, where no deadline
/// counts. A NULL call on a connection of its own: the kernel's client, which may hang, is not asked.
/// </summary>
internal static class KernelServer
{
    private const int DefaultPort = 2049;

    /// <summary>How long it may take to answer.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(1.2);

    /// <summary>True also for an image in a directory that no server holds.</summary>
    /// <param name="image">The image.</param>
    /// <param name="cancellation">Ends the question.</param>
    public static async Task<bool> AnswersAsync(ShareUri image, CancellationToken cancellation) =>
        AddressesOf(image, MountTable.Read()) is not { Count: > 0 } addresses || await NfsPing.AskAsync(addresses, _limit, cancellation) is null;

    /// <summary>Of an image's server; empty when no NFS server holds it. The server of a mounted directory stands in its mount's options (nfs(5): addr, port).</summary>
    internal static IReadOnlyList<NfsAddress> AddressesOf(ShareUri image, MountTable mounts)
    {
        if (image.IsNfs)
            return [.. image.Addresses.Select(address => new NfsAddress(address.Host, address.Port))];
        if (mounts.Holding(image.Path) is not { FileSystemType: "nfs" or "nfs4" } mount || mount.SuperOption("addr") is not { Length: > 0 } server)
            return [];
        return [new NfsAddress(server, int.TryParse(mount.SuperOption("port"), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port > 0 ? port : DefaultPort)];
    }
}
