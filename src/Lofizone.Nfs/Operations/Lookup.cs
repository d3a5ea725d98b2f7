using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>LOOKUP, RFC 8881 section 18.13, of one component; a symbolic link is not followed. The status is the only result.</summary>
internal static class Lookup
{
    public static void Encode(ref XdrWriter writer, string name)
    {
        writer.WriteOperation(OperationCode.Lookup);
        writer.WriteString(name);
    }
}
