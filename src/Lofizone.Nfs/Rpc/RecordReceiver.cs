using System.Buffers.Binary;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Rpc;

/// <summary>
/// Takes records (RFC 5531 section 11) from a channel. The head of a record is decoded in the buffer. The rest goes straight into memory of
/// the caller's choice, so that only the kernel copies the data of a READ.
/// </summary>
/// <param name="channel">The connection.</param>
/// <param name="maxRecordBytes">Longest record, bytes. A longer record ends the connection.</param>
/// <param name="capture">Gets all taken bytes of each record except READ data; null without a tap.</param>
internal sealed class RecordReceiver(IRpcChannel channel, int maxRecordBytes, ReplyCapture? capture = null)
{
    /// <summary>Number of bytes of a record that are at least in <see cref="Head"/>, unless the record is shorter.</summary>
    public const int HeadBytes = 1024;

    private const int BufferBytes = 64 * 1024;

    /// <summary>
    /// Size from which on data is received straight into its place, bytes. Smaller pieces come many at a time through the buffer.
    /// </summary>
    private const int DirectBytes = 16 * 1024;

    internal const int MaxFragments = 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;
    private int _left;
    private byte[]? _assembled;
    private int _assembledPosition;

    /// <summary>Number of bytes of the current record that are not taken yet.</summary>
    public int Remaining => _left;

    /// <summary>The first of the <see cref="Remaining"/> bytes.</summary>
    public ReadOnlySpan<byte> Head => _assembled is { } whole
        ? whole.AsSpan(_assembledPosition, _left)
        : _buffer.AsSpan(_start, Math.Min(_left, _end - _start));

    /// <summary>Waits for the next record. False when the connection has ended after the last one.</summary>
    /// <exception cref="IOException">The connection ended in the middle of a record, or the record is longer than allowed.</exception>
    public bool Begin()
    {
        if (_start == _end)
        {
            _start = 0;
            _end = channel.Receive(_buffer);
            if (_end == 0)
                return false;
        }
        (int length, bool last) = ReadMark();
        _left = length;
        if (!last)
            Assemble(length);
        else
            Fill(Math.Min(length, HeadBytes));
        capture?.Begin(Head, _left);
        return true;
    }

    /// <summary>Takes the next bytes of the record.</summary>
    public void Take(Span<byte> target)
    {
        if (target.Length > _left)
            throw new XdrException("record ends early");
        TakeUnseen(target);
        capture?.Add(target);
    }

    /// <summary>
    /// Takes data of a READ and skips its padding, which a server may leave out at the end of a record. A trace sees neither data nor
    /// padding.
    /// </summary>
    public void TakeData(Span<byte> target)
    {
        if (target.Length > _left)
            throw new XdrException("record ends early");
        TakeUnseen(target);
        SkipUnseen(Math.Min(XdrReader.Padding(target.Length), _left));
        capture?.LeaveDataOut();
    }

    public void Skip(int count)
    {
        if (count > _left)
            throw new XdrException("record ends early");
        if (capture is { IsOpen: true })
            capture.Add(Head[..Math.Min(count, Head.Length)]);
        SkipUnseen(count);
    }

    /// <summary>Skips the rest of the record, which no caller took.</summary>
    public void End()
    {
        capture?.End();
        SkipUnseen(_left);
        _assembled = null;
    }

    /// <summary>Ends the capture, because the connection ends, perhaps in the middle of a record.</summary>
    public void Abandon() => capture?.End();

    private void TakeUnseen(Span<byte> target)
    {
        _left -= target.Length;
        if (_assembled is { } whole)
        {
            whole.AsSpan(_assembledPosition, target.Length).CopyTo(target);
            _assembledPosition += target.Length;
            return;
        }
        TakeRaw(target);
    }

    private void SkipUnseen(int count)
    {
        _left -= count;
        if (_assembled is not null)
        {
            _assembledPosition += count;
            return;
        }
        while (count > 0)
        {
            if (_start == _end)
                Fill(1);
            int step = Math.Min(count, _end - _start);
            _start += step;
            count -= step;
        }
    }

    private (int Length, bool Last) ReadMark()
    {
        Fill(RpcMessage.RecordMarkBytes);
        uint mark = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start));
        _start += RpcMessage.RecordMarkBytes;
        uint length = mark & ~RpcMessage.LastFragment;
        return length <= (uint)maxRecordBytes
            ? ((int)length, (mark & RpcMessage.LastFragment) != 0)
            : throw new XdrException($"record of {length} bytes, at most {maxRecordBytes} were agreed");
    }

    /// <summary>Puts the fragments of a record together. Records of several fragments are rare.</summary>
    private void Assemble(int first)
    {
        using MemoryStream record = new();
        int length = first;
        bool last = false;
        for (int fragment = 1; ; fragment++)
        {
            if (record.Length + length > maxRecordBytes || fragment > MaxFragments)
                throw new XdrException("record in too many fragments");
            byte[] part = new byte[length];
            TakeRaw(part);
            record.Write(part);
            if (last)
                break;
            (length, last) = ReadMark();
        }
        _assembled = record.ToArray();
        _assembledPosition = 0;
        _left = _assembled.Length;
    }

    private void TakeRaw(Span<byte> target)
    {
        while (true)
        {
            int buffered = Math.Min(target.Length, _end - _start);
            _buffer.AsSpan(_start, buffered).CopyTo(target);
            _start += buffered;
            target = target[buffered..];
            if (target.IsEmpty)
                return;
            if (target.Length >= DirectBytes)
                target = target[ReceiveSome(target)..];
            else
                Fill(1);
        }
    }

    private int ReceiveSome(Span<byte> target)
    {
        int got = channel.Receive(target);
        return got > 0 ? got : throw Ended();
    }

    /// <summary>The reason that the end of a connection gives by itself.</summary>
    public static EndOfStreamException Ended() => new("the server closed the connection");

    /// <summary>Makes at least <paramref name="count"/> bytes available in the buffer, in one piece.</summary>
    private void Fill(int count)
    {
        if (_end - _start >= count)
            return;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        while (_end < count)
        {
            _end += ReceiveSome(_buffer.AsSpan(_end));
        }
    }
}
