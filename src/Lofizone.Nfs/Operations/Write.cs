using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>Durability of a write when the server answers (stable_how4, RFC 8881 section 18.32).</summary>
internal enum Stability
{
    Unstable = 0,
    DataSync = 1,
    FileSync = 2,
}

/// <summary>WRITE, RFC 8881 section 18.32. The data is not copied into the request but sent behind the request.</summary>
internal static class Write
{
    /// <summary>Result of WRITE.</summary>
    public readonly record struct Result(int Count, Stability Committed, ulong Verifier);

    /// <summary>Writes all fields up to the length of the data. The data and its padding must follow.</summary>
    public static void EncodeHead(ref XdrWriter writer, StateId stateId, long offset, Stability stability, int count)
    {
        writer.WriteOperation(OperationCode.Write);
        stateId.Write(ref writer);
        writer.WriteUInt64((ulong)offset);
        writer.WriteUInt32((uint)stability);
        writer.WriteUInt32((uint)count);
    }

    public static Result Decode(ref XdrReader reader, int sent)
    {
        int count = reader.ReadLength(sent);
        Stability committed = (Stability)reader.ReadLength((int)Stability.FileSync);
        if (count == 0 && sent > 0)
            throw new XdrException("WRITE of no bytes");
        return new Result(count, committed, reader.ReadUInt64());
    }
}
