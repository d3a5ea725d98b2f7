using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Lofizone.Bench;

/// <summary>
/// The few lines of XDR (RFC 4506) that the generator of pre-encoded calls needs. Not the client's own writer: the generator
/// must not share what it is compared with.
/// </summary>
internal sealed class XdrBytes
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Bytes written so far.</summary>
    public int Length => _bytes.WrittenCount;

    public XdrBytes UInt32(uint value)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, value);
        _bytes.Write(four);
        return this;
    }

    public XdrBytes UInt64(ulong value) => UInt32((uint)(value >> 32)).UInt32((uint)value);

    public XdrBytes Fixed(ReadOnlySpan<byte> data)
    {
        _bytes.Write(data);
        _bytes.Write(stackalloc byte[(4 - data.Length % 4) % 4]);
        return this;
    }

    public XdrBytes Opaque(ReadOnlySpan<byte> data) => UInt32((uint)data.Length).Fixed(data);

    public XdrBytes Text(string text) => Opaque(Encoding.UTF8.GetBytes(text));

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}
