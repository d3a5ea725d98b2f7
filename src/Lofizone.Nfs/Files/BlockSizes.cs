using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Files;

/// <summary>How much one READ or WRITE of a file carries.</summary>
internal sealed class BlockSizes(int read, int write)
{
    /// <summary>A block of the file system in an image, bytes: a server that takes less is of no use.</summary>
    public const int LeastBytes = 4096;

    private int _readLimit = read;
    private int _writeLimit = write;

    /// <summary>What the server said it gives at once, bytes.</summary>
    public int Read { get; } = read;

    /// <summary>What the server said it takes at once, bytes.</summary>
    public int Write { get; } = write;

    /// <summary>What the server has shown that it gives at once, bytes.</summary>
    public int ReadLimit => Volatile.Read(ref _readLimit);

    /// <summary>What the server has shown that it takes at once, bytes.</summary>
    public int WriteLimit => Volatile.Read(ref _writeLimit);

    /// <summary>The smaller of what a session carries and what the server said of the file (0: nothing), bytes.</summary>
    public static int Of(int session, long server) => server > 0 ? (int)Math.Min(session, server) : session;

    /// <summary>Halves the limit when the status says that the request or its reply was too large.</summary>
    /// <returns>False when the status says something else, or the limit is one block already.</returns>
    public bool TryShrink(NfsStatus status, bool write)
    {
        if (status is not (NfsStatus.ReqTooBig or NfsStatus.RepTooBig or NfsStatus.TooSmall))
            return false;
        ref int limit = ref write ? ref _writeLimit : ref _readLimit;
        int now = Volatile.Read(ref limit);
        if (now <= LeastBytes)
            return false;
        Interlocked.CompareExchange(ref limit, Math.Max(LeastBytes, now / 2), now);
        return true;
    }
}
