using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>REMOVE of a name in the current directory, RFC 8881 section 18.25.</summary>
internal static class Remove
{
    public static void Encode(ref XdrWriter writer, string name)
    {
        writer.WriteOperation(OperationCode.Remove);
        writer.WriteString(name);
    }

    /// <summary>Steps over the change of the directory (change_info4).</summary>
    public static void SkipResult(ref XdrReader reader)
    {
        reader.ReadBool();
        reader.ReadUInt64();
        reader.ReadUInt64();
    }
}
