using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// BIND_CONN_TO_SESSION, RFC 8881 section 18.34: makes a new connection a fore channel of the session, and tells whether the session still
/// exists.
/// </summary>
internal static class BindConnToSession
{
    private const uint Fore = 1;

    public static void Encode(ref XdrWriter writer, SessionId session)
    {
        writer.WriteOperation(OperationCode.BindConnToSession);
        session.Write(ref writer);
        writer.WriteUInt32(Fore);
        writer.WriteBool(false);
    }
}
