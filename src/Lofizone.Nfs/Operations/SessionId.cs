using System.Buffers.Binary;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Operations;

/// <summary>sessionid4: 16 bytes that only the server understands (RFC 8881 section 3.2).</summary>
internal readonly record struct SessionId(ulong High, ulong Low)
{
    public const int Bytes = 16;

    public static SessionId Read(ref XdrReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadFixed(Bytes);
        return new SessionId(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, High);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Low);
    }

    public void Write(ref XdrWriter writer)
    {
        writer.WriteUInt64(High);
        writer.WriteUInt64(Low);
    }
}
