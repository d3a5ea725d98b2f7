using Lofizone.Nfs;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Shares;

namespace Lofizone.Ownership;

/// <summary>
/// Ends another host's claim to an image at once, without its help and without the server's administrator: a client that shows up with the
/// owner's name and another verifier is the owner after a restart to the server, which then discards what the old one had (RFC 8881
/// sections 18.35.4 and 18.36.4). From that moment on every request of the old owner is refused: it is fenced, alive or dead. Works for
/// owners whose engine speaks NFS; the kernel's client is one for all images of its host, and is not to be thrown out for one of them.
/// </summary>
internal static class OwnerEviction
{
    /// <summary>
    /// Of a client owner as our engines make them, bytes. Another length is another program's name, such as that of a kernel's client:
    /// whoever may write the record must not have that thrown out.
    /// </summary>
    internal const int ClientOwnerBytes = 32;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether this owner can be evicted from here.</summary>
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
                // An owner that lives makes itself known again in this very moment, and throws this client out: once more, until it has
                // read the record.
                await Task.Delay(_pause, time, cancellation);
            }
            catch (NfsException error)
            {
                throw NfsShareErrors.Explain(error, image, identity);
            }
        }
    }

    /// <summary>Has the server discard all that a client has there: opens, locks, session.</summary>
    /// <param name="uri">What the client has open; names the server.</param>
    /// <param name="identity">As whom the server is asked.</param>
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
        // Every client has a verifier of its own; ending it destroys its session and client ID.
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
