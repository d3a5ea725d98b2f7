using System.Buffers.Binary;
using System.Text;

namespace Lofizone.Nfs.Xdr;

/// <summary>
/// Reads XDR (RFC 4506) from bytes of a peer. Each read checks its bounds, and memory is allocated only for checked lengths.
/// </summary>
/// <exception cref="XdrException">Thrown by every member when the bytes end early or break a bound.</exception>
internal ref struct XdrReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    /// <summary>Unsigned integer, RFC 4506 section 4.2.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>Unsigned hyper integer, RFC 4506 section 4.5.</summary>
    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    /// <summary>Hyper integer, RFC 4506 section 4.5.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    /// <summary>Boolean, RFC 4506 section 4.4. Values other than 0 and 1 are refused.</summary>
    public bool ReadBool() => ReadUInt32() switch
    {
        0 => false,
        1 => true,
        uint other => throw new XdrException($"boolean with value {other}"),
    };

    /// <summary>Fixed-length opaque data, RFC 4506 section 4.9.</summary>
    public ReadOnlySpan<byte> ReadFixed(int length)
    {
        ReadOnlySpan<byte> data = Take(length);
        Take(Padding(length));
        return data;
    }

    /// <summary>Variable-length opaque data, RFC 4506 section 4.10, of at most <paramref name="maximum"/> bytes.</summary>
    public ReadOnlySpan<byte> ReadOpaque(int maximum) => ReadFixed(ReadLength(maximum));

    /// <summary>String, RFC 4506 section 4.11. Bytes that are not UTF-8 become replacement characters.</summary>
    public string ReadString(int maximum) => Encoding.UTF8.GetString(ReadOpaque(maximum));

    /// <summary>A count of elements or bytes, at most <paramref name="maximum"/>.</summary>
    public int ReadLength(int maximum)
    {
        uint length = ReadUInt32();
        return length <= (uint)maximum ? (int)length : throw new XdrException($"length {length} above the limit {maximum}");
    }

    /// <summary>Number of bytes that fill <paramref name="length"/> up to a multiple of four.</summary>
    public static int Padding(int length) => -length & 3;

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > Remaining)
            throw new XdrException($"{count} bytes wanted, {Remaining} left");
        ReadOnlySpan<byte> taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }
}
