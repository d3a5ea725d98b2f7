using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// COPY within one server (RFC 7862 section 15.2), from the saved file handle to the current one. OFFLOAD_STATUS and OFFLOAD_CANCEL
/// (sections 15.9 and 15.8) are for a copy that the server continues after its answer. CLONE is in section 15.13.
/// </summary>
internal static class Copy
{
    /// <summary>Result of COPY.</summary>
    /// <param name="Count">Number of bytes copied.</param>
    /// <param name="Committed">Durability of the copied bytes.</param>
    /// <param name="Verifier">Write verifier of the bytes that are not durable.</param>
    /// <param name="Running">Names the copy for OFFLOAD_STATUS when the server continues to copy; otherwise null.</param>
    public readonly record struct Result(long Count, Stability Committed, ulong Verifier, StateId? Running);

    /// <summary>Progress of a running copy.</summary>
    /// <param name="Count">Number of bytes copied so far.</param>
    /// <param name="Complete">The copy's outcome; null while the copy runs.</param>
    public readonly record struct Progress(long Count, NfsStatus? Complete);

    public static void Encode(ref XdrWriter writer, StateId source, StateId target, long from, long to, long count, bool synchronous)
    {
        writer.WriteOperation(OperationCode.Copy);
        EncodeRange(ref writer, source, target, from, to, count);
        // Consecutive (ca_consecutive): when the copy ends early, all bytes before its count are copied.
        writer.WriteBool(true);
        writer.WriteBool(synchronous);
        // The list of source servers is empty, because the copy is within this server.
        writer.WriteUInt32(0);
    }

    public static Result Decode(ref XdrReader reader, long asked)
    {
        StateId? running = null;
        if (reader.ReadLength(1) == 1)
            running = StateId.Read(ref reader);
        long count = ReadCount(ref reader, asked);
        Stability committed = (Stability)reader.ReadLength((int)Stability.FileSync);
        Result result = new(count, committed, reader.ReadUInt64(), running);
        reader.ReadBool();
        reader.ReadBool();
        return result;
    }

    public static void EncodeStatus(ref XdrWriter writer, StateId running)
    {
        writer.WriteOperation(OperationCode.OffloadStatus);
        running.Write(ref writer);
    }

    public static Progress DecodeStatus(ref XdrReader reader, long asked)
    {
        long count = ReadCount(ref reader, asked);
        return new Progress(count, reader.ReadLength(1) == 1 ? (NfsStatus)reader.ReadUInt32() : null);
    }

    public static void EncodeCancel(ref XdrWriter writer, StateId running)
    {
        writer.WriteOperation(OperationCode.OffloadCancel);
        running.Write(ref writer);
    }

    public static void EncodeClone(ref XdrWriter writer, StateId source, StateId target, long from, long to, long count)
    {
        writer.WriteOperation(OperationCode.Clone);
        EncodeRange(ref writer, source, target, from, to, count);
    }

    private static void EncodeRange(ref XdrWriter writer, StateId source, StateId target, long from, long to, long count)
    {
        source.Write(ref writer);
        target.Write(ref writer);
        writer.WriteUInt64((ulong)from);
        writer.WriteUInt64((ulong)to);
        writer.WriteUInt64((ulong)count);
    }

    private static long ReadCount(ref XdrReader reader, long asked)
    {
        long count = reader.ReadInt64();
        return count >= 0 && count <= asked ? count : throw new XdrException($"{count} bytes copied of {asked}");
    }
}
