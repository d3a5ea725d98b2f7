using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>COMMIT of the whole file, RFC 8881 section 18.3.</summary>
internal static class Commit
{
    public static void Encode(ref XdrWriter writer)
    {
        writer.WriteOperation(OperationCode.Commit);
        writer.WriteUInt64(0);
        writer.WriteUInt32(0);
    }

    /// <summary>
    /// The write verifier. A verifier that differs from that of earlier WRITEs means that the server may have lost those WRITEs (RFC 8881
    /// section 18.3.4).
    /// </summary>
    public static ulong Decode(ref XdrReader reader) => reader.ReadUInt64();
}
