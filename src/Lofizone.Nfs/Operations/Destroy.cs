using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>DESTROY_SESSION and DESTROY_CLIENTID, RFC 8881 sections 18.37 and 18.50.</summary>
internal static class Destroy
{
    public static void EncodeSession(ref XdrWriter writer, SessionId session)
    {
        writer.WriteOperation(OperationCode.DestroySession);
        session.Write(ref writer);
    }

    public static void EncodeClientId(ref XdrWriter writer, ulong clientId)
    {
        writer.WriteOperation(OperationCode.DestroyClientId);
        writer.WriteUInt64(clientId);
    }
}
