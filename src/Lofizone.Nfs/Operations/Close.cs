using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>CLOSE, RFC 8881 section 18.2.</summary>
internal static class Close
{
    public static void Encode(ref XdrWriter writer, StateId open)
    {
        writer.WriteOperation(OperationCode.Close);
        writer.WriteUInt32(0);
        open.Write(ref writer);
    }
}
