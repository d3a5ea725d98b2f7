using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// READ, RFC 8881 section 18.22. The data is received straight into the caller's memory, see <see cref="Rpc.RecordReceiver"/>.
/// </summary>
internal static class Read
{
    public static void Encode(ref XdrWriter writer, StateId stateId, long offset, int count)
    {
        writer.WriteOperation(OperationCode.Read);
        stateId.Write(ref writer);
        writer.WriteUInt64((ulong)offset);
        writer.WriteUInt32((uint)count);
    }

    /// <summary>The whole result, of at most <paramref name="maximum"/> bytes of data.</summary>
    public static (bool EndOfFile, byte[] Data) Decode(ref XdrReader reader, int maximum) =>
        (reader.ReadBool(), reader.ReadOpaque(maximum).ToArray());

    /// <summary>
    /// The result before the data: end of file, and the number of bytes that follow (at most <paramref name="maximum"/>).
    /// </summary>
    public static (bool EndOfFile, int Count) DecodeHead(ref XdrReader reader, int maximum) =>
        (reader.ReadBool(), reader.ReadLength(maximum));
}
