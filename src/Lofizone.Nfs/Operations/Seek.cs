using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>SEEK, RFC 7862 section 15.11: the next data or hole.</summary>
internal static class Seek
{
    /// <summary>Result of SEEK.</summary>
    public readonly record struct Result(bool EndOfFile, long Offset);

    public static void Encode(ref XdrWriter writer, StateId stateId, long offset, bool hole)
    {
        writer.WriteOperation(OperationCode.Seek);
        stateId.Write(ref writer);
        writer.WriteUInt64((ulong)offset);
        writer.WriteUInt32(hole ? 1u : 0u);
    }

    public static Result Decode(ref XdrReader reader) => new(reader.ReadBool(), reader.ReadInt64());
}
