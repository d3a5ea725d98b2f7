using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Files;

/// <summary>The amount of data that one READ or WRITE of a file carries.</summary>
internal sealed class BlockSizes(int read, int write)
{
    /// <summary>Size of a block of the file system in an image, bytes. A server that accepts less is of no use.</summary>
    public const int LeastBytes = 4096;

    private int _readLimit = read;
    private int _writeLimit = write;

    /// <summary>Largest READ that the server announced, bytes.</summary>
    public int Read { get; } = read;

    /// <summary>Largest WRITE that the server announced, bytes.</summary>
    public int Write { get; } = write;

    /// <summary>Largest READ that the server has proved to answer, bytes.</summary>
    public int ReadLimit => Volatile.Read(ref _readLimit);

    /// <summary>Largest WRITE that the server has proved to execute, bytes.</summary>
    public int WriteLimit => Volatile.Read(ref _writeLimit);

    /// <summary>The smaller of the session's limit and the server's limit for the file (0: no limit), bytes.</summary>
    public static int Of(int session, long server) => server > 0 ? (int)Math.Min(session, server) : session;

    /// <summary>Halves the limit when the status says that the request or its reply was too large.</summary>
    /// <returns>False when the status has another reason, or the limit is one block already.</returns>
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
