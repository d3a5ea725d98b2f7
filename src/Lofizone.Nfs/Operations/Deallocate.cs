using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>DEALLOCATE, RFC 7862 section 15.4: the range reads as zeros, and its space is given back.</summary>
internal static class Deallocate
{
    public static void Encode(ref XdrWriter writer, StateId stateId, long offset, long length)
    {
        writer.WriteOperation(OperationCode.Deallocate);
        stateId.Write(ref writer);
        writer.WriteUInt64((ulong)offset);
        writer.WriteUInt64((ulong)length);
    }
}
