using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;

namespace Lofizone.Nfs.Session.State;

/// <summary>Sizes of requests and replies: what is asked of the server, and what its answer leaves for data.</summary>
internal static class SessionSizes
{
    /// <summary>Room for everything but a READ's or WRITE's data in one message.</summary>
    public const int OverheadBytes = 4096;

    /// <summary>Operations in one COMPOUND that are asked for.</summary>
    public const int Operations = 64;

    /// <summary>Fewest operations this client can work with: SEQUENCE, two file handles, LOOKUP, GETFH, GETATTR and one to spare.</summary>
    public const int LeastOperations = 8;

    private const int LeastBytes = 8192;
    private const int CachedReplyBytes = 4096;
    private const int BlockBytes = 4096;

    /// <summary>Call and reply headers around the data of one WRITE or READ, rounded up.</summary>
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

    /// <summary>Data bytes that fit into a message of the given size, in whole blocks.</summary>
    public static int DataBytes(int messageBytes, int limit) => Math.Min(limit, (messageBytes - HeaderBytes) / BlockBytes * BlockBytes);
}
