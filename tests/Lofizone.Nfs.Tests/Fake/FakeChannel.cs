using System.Buffers.Binary;
using Lofizone.Nfs.Rpc;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>A connection in memory. The thread that sends the last byte of a request executes the request on the server.</summary>
internal sealed class FakeChannel(FakeNfsServer server) : IRpcChannel, IFakeConnection
{
    private readonly object _gate = new();
    private readonly List<byte> _incoming = [];
    private readonly Queue<(byte[] Bytes, Action? OnDelivered)> _replies = new();
    private int _replyPosition;
    private bool _closed;
    private long _sends;
    private bool _silent;
    private int _lostSends;

    /// <summary>Bytes that the server takes before the connection breaks; null for no limit.</summary>
    public long? RequestBytesLeft { get; set; }

    /// <summary>Bytes that the client gets before the connection breaks; null for no limit.</summary>
    public long? ReplyBytesLeft { get; set; }

    /// <summary>Most bytes of one Send or one Receive.</summary>
    public int PieceBytes { get; set; } = int.MaxValue;

    /// <summary>Every so many Sends without waiting, the socket is full; 0 for never.</summary>
    public int FullEvery { get; set; }

    /// <summary>The kernel's count of lost transmissions on a link that drops everything.</summary>
    public int LostTransmissions
    {
        get
        {
            lock (_gate)
                return _lostSends > 0 ? 15 : 0;
        }
    }

    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    public int Receive(Span<byte> buffer)
    {
        Action? delivered = null;
        int count;
        lock (_gate)
        {
            while (_replies.Count == 0 && !_closed)
                Monitor.Wait(_gate);
            if (_replies.Count == 0 || ReplyBytesLeft == 0 || _closed)
            {
                Close();
                return 0;
            }
            byte[] reply = _replies.Peek().Bytes;
            count = Math.Min(Math.Min(buffer.Length, PieceBytes), reply.Length - _replyPosition);
            if (ReplyBytesLeft is { } left)
                ReplyBytesLeft = left - (count = (int)Math.Min(count, left));
            reply.AsSpan(_replyPosition, count).CopyTo(buffer);
            _replyPosition += count;
            if (_replyPosition == reply.Length)
            {
                delivered = _replies.Dequeue().OnDelivered;
                _replyPosition = 0;
            }
        }
        delivered?.Invoke();
        return count;
    }

    public int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, bool wait)
    {
        byte[]? record;
        int count;
        lock (_gate)
        {
            if (_closed)
                throw new IOException("broken pipe");
            if (!wait && FullEvery > 0 && ++_sends % FullEvery == 0)
                return 0;
            byte[] all = [.. first, .. second, .. third];
            if (_silent)
            {
                _lostSends++;
                return all.Length;
            }
            count = Math.Min(all.Length, PieceBytes);
            if (RequestBytesLeft is { } left)
            {
                if (left == 0)
                {
                    Close();
                    throw new IOException("connection reset by the server");
                }
                count = (int)Math.Min(count, left);
                RequestBytesLeft = left - count;
            }
            _incoming.AddRange(all.AsSpan(0, count));
            record = TakeRecord();
        }
        if (record is not null)
            server.Arrive(this, record);
        return count;
    }

    public void Reply(byte[] bytes, Action? onDelivered = null)
    {
        lock (_gate)
        {
            if (_closed || _silent)
                return;
            _replies.Enqueue((bytes, onDelivered));
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>From now on the link drops everything. Bytes under way are lost.</summary>
    public void Silence()
    {
        lock (_gate)
        {
            _silent = true;
            _replies.Clear();
            _replyPosition = 0;
        }
    }

    public void Shutdown()
    {
        lock (_gate)
            Close();
    }

    public void Dispose() => Shutdown();

    private void Close()
    {
        _closed = true;
        Monitor.PulseAll(_gate);
    }

    /// <summary>Takes a complete request. The client sends one record for a call and one call at a time, so there is at most one.</summary>
    private byte[]? TakeRecord()
    {
        if (_incoming.Count < RpcMessage.RecordMarkBytes)
            return null;
        uint mark = BinaryPrimitives.ReadUInt32BigEndian(_incoming.GetRange(0, 4).ToArray());
        int length = (int)(mark & ~RpcMessage.LastFragment);
        if (_incoming.Count < RpcMessage.RecordMarkBytes + length)
            return null;
        byte[] record = [.. _incoming.GetRange(RpcMessage.RecordMarkBytes, length)];
        _incoming.RemoveRange(0, RpcMessage.RecordMarkBytes + length);
        return record;
    }
}
