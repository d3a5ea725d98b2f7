using System.Buffers.Binary;
using System.Text;
using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Xdr;

/// <summary>Writes XDR (RFC 4506) into a buffer of fixed size. An overrun of the buffer is a bug of the caller, not of a peer.</summary>
internal ref struct XdrWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Position { get; private set; }

    /// <summary>Number of operations of the COMPOUND written so far, see <see cref="WriteOperation"/>.</summary>
    public int Operations { get; private set; }

    /// <summary>Purpose of the COMPOUND: its first operation other than SEQUENCE and those that only choose a file.</summary>
    public OperationCode Purpose { get; private set; }

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    public void WriteBool(bool value) => WriteUInt32(value ? 1u : 0u);

    /// <summary>Fixed-length opaque data, RFC 4506 section 4.9.</summary>
    public void WriteFixed(ReadOnlySpan<byte> data)
    {
        data.CopyTo(Take(data.Length));
        Take(XdrReader.Padding(data.Length)).Clear();
    }

    /// <summary>Variable-length opaque data, RFC 4506 section 4.10.</summary>
    public void WriteOpaque(ReadOnlySpan<byte> data)
    {
        WriteUInt32((uint)data.Length);
        WriteFixed(data);
    }

    /// <summary>String, RFC 4506 section 4.11, in UTF-8.</summary>
    public void WriteString(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        WriteUInt32((uint)length);
        Encoding.UTF8.GetBytes(text, Take(length));
        Take(XdrReader.Padding(length)).Clear();
    }

    /// <summary>Starts the next operation of a COMPOUND: writes its number, and counts the operation.</summary>
    public void WriteOperation(OperationCode code)
    {
        Operations++;
        if (Purpose is 0 or OperationCode.Sequence or OperationCode.PutFh or OperationCode.PutRootFh or OperationCode.SaveFh
            or OperationCode.Lookup or OperationCode.GetFh)
            Purpose = code;
        WriteUInt32((uint)code);
    }

    private Span<byte> Take(int count)
    {
        Span<byte> taken = _buffer.Slice(Position, count);
        Position += count;
        return taken;
    }
}
