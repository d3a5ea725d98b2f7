using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// CREATE_SESSION, RFC 8881 section 18.36. The client offers no back channel: it wants no delegation, so the server has nothing to recall.
/// </summary>
internal static class CreateSession
{
    private const uint CallbackProgram = 0x40000000;

    /// <summary>channel_attrs4 without RDMA: sizes in bytes, and counts of operations per COMPOUND and of slots.</summary>
    public readonly record struct Channel(int MaxRequest, int MaxResponse, int MaxResponseCached, int MaxOperations, int MaxRequests)
    {
        public void Write(ref XdrWriter writer)
        {
            writer.WriteUInt32(0);
            writer.WriteUInt32((uint)MaxRequest);
            writer.WriteUInt32((uint)MaxResponse);
            writer.WriteUInt32((uint)MaxResponseCached);
            writer.WriteUInt32((uint)MaxOperations);
            writer.WriteUInt32((uint)MaxRequests);
            writer.WriteUInt32(0);
        }

        public static Channel Read(ref XdrReader reader)
        {
            reader.ReadUInt32();
            Channel channel = new(
                ReadCount(ref reader), ReadCount(ref reader), ReadCount(ref reader), ReadCount(ref reader), ReadCount(ref reader));
            if (reader.ReadLength(1) == 1)
                reader.ReadUInt32();
            return channel;
        }

        private static int ReadCount(ref XdrReader reader) => (int)Math.Min(reader.ReadUInt32(), int.MaxValue);
    }

    public static void Encode(ref XdrWriter writer, ulong clientId, uint sequence, Channel fore)
    {
        writer.WriteOperation(OperationCode.CreateSession);
        writer.WriteUInt64(clientId);
        writer.WriteUInt32(sequence);
        writer.WriteUInt32(0);
        fore.Write(ref writer);
        new Channel(4096, 4096, 0, 2, 1).Write(ref writer);
        writer.WriteUInt32(CallbackProgram);
        writer.WriteUInt32(1);
        writer.WriteUInt32(0);
    }

    public static (SessionId Session, Channel Fore) Decode(ref XdrReader reader)
    {
        SessionId session = SessionId.Read(ref reader);
        reader.ReadUInt32();
        reader.ReadUInt32();
        Channel fore = Channel.Read(ref reader);
        Channel.Read(ref reader);
        return (session, fore);
    }
}
