using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// RECLAIM_COMPLETE, RFC 8881 section 18.51, for all file systems: the client will reclaim no more. Required once after every new client
/// ID.
/// </summary>
internal static class ReclaimComplete
{
    public static void Encode(ref XdrWriter writer)
    {
        writer.WriteOperation(OperationCode.ReclaimComplete);
        writer.WriteBool(false);
    }
}
