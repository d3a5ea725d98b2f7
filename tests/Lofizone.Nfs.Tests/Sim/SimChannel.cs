using System.Buffers.Binary;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Tests.Fake;

namespace Lofizone.Nfs.Tests.Sim;

/// <summary>Both ends of a simulated connection: bytes in pieces of any size, full sockets, ends in the middle of a record.</summary>
internal sealed class SimChannel(SimNetwork network, int number, int path) : IRpcChannel, IFakeConnection
{
    private readonly List<byte> _outgoing = [];
    private readonly Queue<(byte[] Bytes, Action? OnDelivered)> _incoming = new();
    private object? _receiver;
    private int _position;
    private bool _ended;
    private bool _isReset;

    public int Number { get; } = number;

    /// <summary>Index of the server's address.</summary>
    public int Path { get; } = path;

    /// <summary>One side has closed the connection.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Time of the last arrival at each end. Later bytes arrive later: a connection keeps its order.</summary>
    public (TimeSpan ToServer, TimeSpan ToClient) Last { get; set; }

    public int Receive(Span<byte> buffer)
    {
        network.Scheduler.Preempt();
        while (_incoming.Count == 0 && !_ended)
        {
            _receiver = network.Scheduler.CurrentThread;
            network.Scheduler.Park("a reply");
            _receiver = null;
        }
        if (_incoming.Count == 0)
            return _isReset ? throw new IOException("connection reset") : 0;
        (byte[] bytes, Action? delivered) = _incoming.Peek();
        int count = Math.Min(Math.Min(buffer.Length, bytes.Length - _position), network.Piece());
        bytes.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        if (_position == bytes.Length)
        {
            _incoming.Dequeue();
            _position = 0;
            delivered?.Invoke();
        }
        return count;
    }

    public int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, bool wait)
    {
        int total = first.Length + second.Length + third.Length;
        byte[] all = [.. first, .. second, .. third];
        network.Scheduler.Preempt();
        if (IsClosed)
            throw new IOException("broken pipe");
        if (!wait && network.IsSocketFull())
            return 0;
        int count = Math.Min(total, network.Piece());
        _outgoing.AddRange(all.AsSpan(0, count));
        TakeRecords();
        network.Scheduler.Preempt();
        return count;
    }

    public void Shutdown() => End(isReset: false);

    public void Dispose() => End(isReset: false);

    void IFakeConnection.Reply(byte[] bytes, Action? onDelivered) => network.Answer(this, bytes, onDelivered);

    void IFakeConnection.Shutdown() => network.Cut(this);

    /// <summary>Bytes from the server arrive.</summary>
    public void Arrive(byte[] bytes, Action? onDelivered)
    {
        if (IsClosed)
            return;
        _incoming.Enqueue((bytes, onDelivered));
        if (_receiver is not null)
            SimScheduler.Wake(_receiver);
    }

    /// <summary>Ends the connection. The client can still receive what has arrived, unless the connection was reset.</summary>
    public void End(bool isReset)
    {
        if (isReset && !IsClosed)
            _isReset = true;
        IsClosed = true;
        _ended = true;
        if (_receiver is not null)
            SimScheduler.Wake(_receiver);
    }

    private void TakeRecords()
    {
        while (_outgoing.Count >= RpcMessage.RecordMarkBytes)
        {
            uint mark = BinaryPrimitives.ReadUInt32BigEndian(_outgoing.GetRange(0, RpcMessage.RecordMarkBytes).ToArray());
            int length = (int)(mark & ~RpcMessage.LastFragment) + RpcMessage.RecordMarkBytes;
            if (_outgoing.Count < length)
                return;
            byte[] record = [.. _outgoing.GetRange(RpcMessage.RecordMarkBytes, length - RpcMessage.RecordMarkBytes)];
            _outgoing.RemoveRange(0, length);
            network.Ask(this, record);
        }
    }
}
