using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>ACCESS, RFC 8881 section 18.1: the rights of this identity to the current file.</summary>
internal static class Access
{
    public static void Encode(ref XdrWriter writer, NfsAccess wanted)
    {
        writer.WriteOperation(OperationCode.Access);
        writer.WriteUInt32((uint)wanted);
    }

    /// <summary>The granted subset of the requested rights.</summary>
    public static NfsAccess Decode(ref XdrReader reader)
    {
        reader.ReadUInt32();
        return (NfsAccess)reader.ReadUInt32();
    }
}
