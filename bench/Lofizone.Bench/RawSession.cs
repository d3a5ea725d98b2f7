using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Lofizone.Bench;

/// <summary>
/// One NFSv4.1 session (RFC 8881) on one connection, just enough of it to open a file and to replay calls on it. It has no
/// recovery and no lock, and shares no code with the project's client.
/// </summary>
internal sealed class RawSession : IDisposable
{
    private const int MaxMessageBytes = (1 << 20) + 8192;
    private const uint Slots = 64;
    private const uint LastFragment = 0x80000000;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendBufferSize = 4 << 20, ReceiveBufferSize = 4 << 20 };
    private readonly byte[] _buffer = new byte[2 * MaxMessageBytes];
    private readonly uint[] _sequenceIds = [.. Enumerable.Repeat(1u, (int)Slots)];
    private byte[] _session = [];
    private ulong _clientId;
    private int _start;
    private int _end;

    /// <summary>File handle of the opened file.</summary>
    public byte[] Handle { get; private set; } = [];

    /// <summary>State ID of the open.</summary>
    public byte[] State { get; private set; } = [];

    public static RawSession Open(string host, int port, string path)
    {
        RawSession session = new();
        try
        {
            session._socket.Connect(host, port);
            session.Establish();
            session.OpenFile(path.Split('/', StringSplitOptions.RemoveEmptyEntries));
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>A call with its record mark, to be sent any number of times by <see cref="Send"/>.</summary>
    /// <param name="slot">Which slot it is sent in.</param>
    /// <param name="operations">Operations behind SEQUENCE.</param>
    /// <param name="body">Their encoding.</param>
    public PreparedCall Prepare(int slot, uint operations, XdrBytes body)
    {
        XdrBytes call = Head((uint)slot, operations + 1).UInt32(53);
        int at = call.Length;
        call.Fixed(_session).UInt32(0).UInt32((uint)slot).UInt32(Slots - 1).UInt32(0);
        int bodyAt = call.Length;
        return new PreparedCall(slot, Framed(call.Fixed(body.ToArray())), at + 16 + 4, bodyAt + 4);
    }

    /// <summary>Sends the call with its slot's next sequence ID.</summary>
    public void Send(PreparedCall call)
    {
        BinaryPrimitives.WriteUInt32BigEndian(call.Bytes.AsSpan(call.SequenceAt), _sequenceIds[call.Slot]++);
        ReadOnlySpan<byte> left = call.Bytes;
        while (left.Length > 0)
            left = left[_socket.Send(left)..];
    }

    /// <summary>Waits for a reply to any call; returns its slot.</summary>
    /// <exception cref="InvalidDataException">The server refused the call.</exception>
    public int Receive(out ReadOnlySpan<byte> reply)
    {
        int length = (int)(BinaryPrimitives.ReadUInt32BigEndian(Fill(4)) & ~LastFragment);
        if (length > MaxMessageBytes)
            throw new InvalidDataException($"reply of {length} bytes");
        reply = Fill(4 + length).Slice(4, length);
        _start += 4 + length;
        // xid, REPLY, accepted, verifier (two words), accept status, COMPOUND status.
        uint status = BinaryPrimitives.ReadUInt32BigEndian(reply[24..]);
        if (BinaryPrimitives.ReadUInt32BigEndian(reply[20..]) != 0 || status != 0)
            throw new InvalidDataException($"the server answered a prepared call with status {status}");
        return (int)BinaryPrimitives.ReadUInt32BigEndian(reply);
    }

    private Span<byte> Fill(int bytes)
    {
        while (_end - _start < bytes)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            int got = _socket.Receive(_buffer.AsSpan(_end));
            _end += got > 0 ? got : throw new EndOfStreamException("the server closed the connection");
        }

        return _buffer.AsSpan(_start, bytes);
    }

    private void Establish()
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(16);
        // EXCHANGE_ID without state protection, as a client that wants no pNFS.
        ReadOnlySpan<byte> reply = Call(1, new XdrBytes().UInt32(42).Fixed(nonce.AsSpan(0, 8)).Opaque(nonce).UInt32(0x10000).UInt32(0).UInt32(0));
        reply = reply[8..];
        _clientId = BinaryPrimitives.ReadUInt64BigEndian(reply);
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(reply[8..]);
        XdrBytes create = new XdrBytes().UInt32(43).UInt64(_clientId).UInt32(sequence).UInt32(0);
        create.UInt32(0).UInt32(MaxMessageBytes).UInt32(MaxMessageBytes).UInt32(4096).UInt32(64).UInt32(Slots).UInt32(0);
        create.UInt32(0).UInt32(4096).UInt32(4096).UInt32(0).UInt32(2).UInt32(1).UInt32(0);
        create.UInt32(0x40000000).UInt32(1).UInt32(0);
        _session = Call(1, create)[8..24].ToArray();
        InSession(1, new XdrBytes().UInt32(58).UInt32(0));
    }

    private void OpenFile(string[] path)
    {
        XdrBytes body = new XdrBytes().UInt32(24);
        foreach (string directory in path[..^1])
            body.UInt32(15).Text(directory);
        // OPEN by name for reading and writing, nothing denied, no delegation wanted; then GETFH.
        body.UInt32(18).UInt32(0).UInt32(3 | 0x400).UInt32(0).UInt64(_clientId).Text("bench").UInt32(0).UInt32(0).Text(path[^1]).UInt32(10);
        ReadOnlySpan<byte> reply = InSession((uint)path.Length + 2, body);
        // PUTROOTFH and the LOOKUPs are answered with number and status only.
        reply = reply[(8 * path.Length + 8)..];
        State = reply[..16].ToArray();
        reply = reply[(16 + 4 + 8 + 8 + 4)..];
        reply = reply[(4 + 4 * (int)BinaryPrimitives.ReadUInt32BigEndian(reply))..];
        uint delegation = BinaryPrimitives.ReadUInt32BigEndian(reply);
        if (delegation is not (0 or 3))
            throw new InvalidDataException("a delegation that was not asked for");
        uint why = delegation == 3 ? BinaryPrimitives.ReadUInt32BigEndian(reply[4..]) : 0;
        reply = reply[(delegation == 0 ? 4 : why is 1 or 2 ? 12 : 8)..];
        Handle = reply.Slice(12, (int)BinaryPrimitives.ReadUInt32BigEndian(reply[8..])).ToArray();
    }

    /// <summary>One call outside of a session; returns the results.</summary>
    private ReadOnlySpan<byte> Call(uint operations, XdrBytes body)
    {
        byte[] bytes = Framed(Head(0, operations).Fixed(body.ToArray()));
        _socket.Send(bytes);
        Receive(out ReadOnlySpan<byte> reply);
        return Results(reply);
    }

    /// <summary>One call within the session; returns the results behind SEQUENCE.</summary>
    private ReadOnlySpan<byte> InSession(uint operations, XdrBytes body)
    {
        Send(Prepare(0, operations, body));
        Receive(out ReadOnlySpan<byte> reply);
        return Results(reply)[44..];
    }

    /// <summary>Behind COMPOUND's status, tag and count.</summary>
    private static ReadOnlySpan<byte> Results(ReadOnlySpan<byte> reply)
    {
        int tag = (int)BinaryPrimitives.ReadUInt32BigEndian(reply[28..]);
        return reply[(32 + (tag + 3) / 4 * 4 + 4)..];
    }

    private static XdrBytes Head(uint xid, uint operations)
    {
        XdrBytes credential = new XdrBytes().UInt32(0).Text("bench").UInt32(0).UInt32(0).UInt32(0);
        return new XdrBytes().UInt32(xid).UInt32(0).UInt32(2).UInt32(100003).UInt32(4).UInt32(1)
            .UInt32(1).Opaque(credential.ToArray()).UInt32(0).UInt32(0)
            .UInt32(0).UInt32(1).UInt32(operations);
    }

    private static byte[] Framed(XdrBytes call) => new XdrBytes().UInt32(LastFragment | (uint)call.Length).Fixed(call.ToArray()).ToArray();
}
