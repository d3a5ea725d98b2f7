using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>ALLOCATE, RFC 7862 section 15.1: reserves space for the range, whose content does not change.</summary>
internal static class Allocate
{
    public static void Encode(ref XdrWriter writer, StateId stateId, long offset, long length)
    {
        writer.WriteOperation(OperationCode.Allocate);
        stateId.Write(ref writer);
        writer.WriteUInt64((ulong)offset);
        writer.WriteUInt64((ulong)length);
    }
}
