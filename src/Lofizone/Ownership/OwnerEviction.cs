using Lofizone.Nfs;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Shares;

namespace Lofizone.Ownership;

/// <summary>
/// Ends another host's claim to an image at once, without that host's help and without the server's administrator. A client that shows up
/// with the owner's name and another verifier is, to the server, the owner after a restart. The server then discards the old incarnation's
/// state (RFC 8881 sections 18.35.4 and 18.36.4). From that moment on the server refuses every request of the old owner, which is thereby
/// fenced, alive or dead. The eviction works for owners whose engine speaks NFS. The kernel's client is one client for all images of its
/// host, and must not be evicted for one of them.
/// </summary>
internal static class OwnerEviction
{
    /// <summary>
    /// Length of a client owner that this program's engines make, bytes. A name of another length is another program's, such as a kernel
    /// client's. A writer of the record must not be able to have such a client evicted.
    /// </summary>
    internal const int ClientOwnerBytes = 32;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Tells whether this host can evict the owner.</summary>
    public static bool IsPossible(ShareUri image, ImageOwner owner) => image.IsNfs && Parse(owner) is not null;

    /// <summary>Evicts the owner.</summary>
    /// <exception cref="LofizoneException">The server can't be reached, or refuses.</exception>
    public static async Task EvictAsync(ShareUri image, ImageOwner owner, TimeProvider time, CancellationToken cancellation)
    {
        byte[] clientOwner = Parse(owner) ?? throw new ArgumentException("an owner without a client owner", nameof(owner));
        NfsIdentity identity = NfsIdentity.Of(image);
        long start = time.GetTimestamp();
        while (true)
        {
            try
            {
                await DiscardStateAsync(image, identity, clientOwner, _limit, time, cancellation);
                return;
            }
            catch (NfsUnreachableException) when (time.GetElapsedTime(start) < _limit)
            {
                // A living owner presents itself again at this very moment, and evicts this client. The eviction is repeated until the
                // owner has read the record.
                await Task.Delay(_pause, time, cancellation);
            }
            catch (NfsException error)
            {
                throw NfsShareErrors.Explain(error, image, identity);
            }
        }
    }

    /// <summary>Has the server discard all that a client has there: opens, locks, session.</summary>
    /// <param name="uri">The file that the client has open; names the server.</param>
    /// <param name="identity">Identity for the requests to the server.</param>
    /// <param name="clientOwner">The client's name to the server.</param>
    /// <param name="limit">Longest wait for a connection, and for an answer.</param>
    /// <param name="time">The clock of the wait.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="NfsException">The server can't be reached, or refuses.</exception>
    public static async Task DiscardStateAsync(
        ShareUri uri, NfsIdentity identity, byte[] clientOwner, TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        NfsClientOptions options = NfsShare.ClientOptions(uri, identity, clientOwner) with
        {
            TimeProvider = time,
            ConnectDeadline = limit,
            SetupDeadline = limit,
            MaxSlots = 1,
        };
        // Every client has its own verifier. The end of this client destroys its session and client ID.
        await using NfsClient client = await NfsClient.ConnectAsync(options, cancellation);
    }

    private static byte[]? Parse(ImageOwner owner)
    {
        try
        {
            return owner.ClientOwner.Length == ClientOwnerBytes * 2 ? Convert.FromHexString(owner.ClientOwner.Raw) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
