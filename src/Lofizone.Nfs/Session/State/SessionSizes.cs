using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;

namespace Lofizone.Nfs.Session.State;

/// <summary>Sizes of requests and replies: those that the client asks for, and the room that the server's answer leaves for data.</summary>
internal static class SessionSizes
{
    /// <summary>Room in one message for everything but the data of a READ or WRITE, bytes.</summary>
    public const int OverheadBytes = 4096;

    /// <summary>Number of operations in one COMPOUND that the client asks for.</summary>
    public const int Operations = 64;

    /// <summary>
    /// Least number of operations that this client can work with: SEQUENCE, two file handles, LOOKUP, GETFH, GETATTR and one to spare.
    /// </summary>
    public const int LeastOperations = 8;

    private const int LeastBytes = 8192;
    private const int CachedReplyBytes = 4096;
    private const int BlockBytes = 4096;

    /// <summary>Size of the call and reply headers around the data of one WRITE or READ, rounded up, bytes.</summary>
    private const int HeaderBytes = 1024;

    public static CreateSession.Channel Wanted(NfsClientOptions options) =>
        new(options.MaxIoBytes + OverheadBytes, options.MaxIoBytes + OverheadBytes, CachedReplyBytes, Operations, options.MaxSlots);

    /// <exception cref="IOException">The server allows too little to work with.</exception>
    public static void Check(CreateSession.Channel granted)
    {
        bool isLarge = granted.MaxRequest >= LeastBytes && granted.MaxResponse >= LeastBytes;
        if (!isLarge || granted.MaxOperations < LeastOperations || granted.MaxRequests < 1)
            throw new IOException($"the server's session is too small: {granted}");
    }

    /// <summary>Number of data bytes that fit into a message of the given size, in whole blocks.</summary>
    public static int DataBytes(int messageBytes, int limit) => Math.Min(limit, (messageBytes - HeaderBytes) / BlockBytes * BlockBytes);
}
