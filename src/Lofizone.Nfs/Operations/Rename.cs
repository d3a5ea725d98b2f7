using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// RENAME from the saved directory to the current directory, RFC 8881 section 18.26. Replaces the file or empty directory of the new name.
/// </summary>
internal static class Rename
{
    public static void Encode(ref XdrWriter writer, string from, string to)
    {
        writer.WriteOperation(OperationCode.Rename);
        writer.WriteString(from);
        writer.WriteString(to);
    }
}
