using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Session;

/// <summary>Which optional operations the server has refused: all those of NFSv4.2 are (RFC 7862 section 13).</summary>
internal sealed partial class NfsSession
{
    private long _unsupportedLow;
    private long _unsupportedHigh;

    /// <summary>The statuses of an operation, or of a file system, that does not know it.</summary>
    public static bool IsUnsupported(NfsStatus status) => status is NfsStatus.NotSupp or NfsStatus.UnionNotSupp or NfsStatus.OpIllegal;

    public void NoteUnsupported(OperationCode code) => Interlocked.Or(ref (int)code < 64 ? ref _unsupportedLow : ref _unsupportedHigh, 1L << ((int)code & 63));

    /// <summary>Throws when an operation of NFSv4.2 is known not to be there.</summary>
    /// <exception cref="NotSupportedException">It is not.</exception>
    public void RequireSupport(OperationCode code, string path)
    {
        long refused = Volatile.Read(ref (int)code < 64 ? ref _unsupportedLow : ref _unsupportedHigh);
        if (MinorVersion < 2 || (refused >> ((int)code & 63) & 1) != 0)
            throw new NotSupportedException($"{path}: the server {Server} has no {code.ToString().ToUpperInvariant()}");
    }
}
