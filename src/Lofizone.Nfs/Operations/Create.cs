using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>CREATE of a directory in the current directory, RFC 8881 section 18.4.</summary>
internal static class Create
{
    /// <summary>Encodes a directory with a time of last modification by which its maker recognizes the directory.</summary>
    public static void EncodeDirectory(ref XdrWriter writer, string name, uint mode, long seconds, uint nanoseconds)
    {
        writer.WriteOperation(OperationCode.Create);
        writer.WriteUInt32((uint)NfsFileType.Directory);
        writer.WriteString(name);
        SetAttr.EncodeAttributes(ref writer, mode, seconds, nanoseconds);
    }

    public static void EncodeDirectory(ref XdrWriter writer, string name, uint mode)
    {
        writer.WriteOperation(OperationCode.Create);
        writer.WriteUInt32((uint)NfsFileType.Directory);
        writer.WriteString(name);
        SetAttr.EncodeAttributes(ref writer, null, mode);
    }
}
