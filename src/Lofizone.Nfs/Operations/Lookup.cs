using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>LOOKUP, RFC 8881 section 18.13: one component, never followed when it is a symbolic link. No result besides the status.</summary>
internal static class Lookup
{
    public static void Encode(ref XdrWriter writer, string name)
    {
        writer.WriteOperation(OperationCode.Lookup);
        writer.WriteString(name);
    }
}
