using System.Buffers.Binary;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>
/// Names open or lock state on the server (stateid4, RFC 8881 section 8.2): a sequence number, and twelve bytes that only the server
/// understands.
/// </summary>
internal readonly record struct StateId(uint Sequence, ulong High, uint Low)
{
    private const int OtherBytes = 12;

    /// <summary>The anonymous state ID (RFC 8881 section 8.2.3), for a READ without an open.</summary>
    public static StateId Anonymous => default;

    /// <summary>
    /// The state ID that an earlier operation of the same COMPOUND has returned (RFC 8881 sections 8.2.3 and 16.2.3.1.2).
    /// </summary>
    public static StateId Current => new(1, 0, 0);

    public static StateId Read(ref XdrReader reader)
    {
        uint sequence = reader.ReadUInt32();
        ReadOnlySpan<byte> other = reader.ReadFixed(OtherBytes);
        return new StateId(sequence, BinaryPrimitives.ReadUInt64BigEndian(other), BinaryPrimitives.ReadUInt32BigEndian(other[8..]));
    }

    public void Write(ref XdrWriter writer)
    {
        writer.WriteUInt32(Sequence);
        writer.WriteUInt64(High);
        writer.WriteUInt32(Low);
    }
}
