using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session;

/// <summary>The optional operations that the server has refused. All operations of NFSv4.2 are optional (RFC 7862 section 13).</summary>
internal sealed class ServerSupport(SessionContext context, ClientIdentity identity)
{
    private long _refusedLow;
    private long _refusedHigh;

    public void NoteUnsupported(OperationCode code) =>
        Interlocked.Or(ref (int)code < 64 ? ref _refusedLow : ref _refusedHigh, 1L << ((int)code & 63));

    /// <summary>Throws when the server is known not to support this operation of NFSv4.2.</summary>
    /// <exception cref="NotSupportedException">The server does not support the operation.</exception>
    public void Require(OperationCode code, string path)
    {
        long refused = Volatile.Read(ref (int)code < 64 ? ref _refusedLow : ref _refusedHigh);
        if (identity.MinorVersion < 2 || (refused >> ((int)code & 63) & 1) != 0)
            throw new NotSupportedException($"{path}: the server {context.Server} has no {NfsNames.Operation((int)code)}");
    }
}
