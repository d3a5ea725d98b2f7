using System.Buffers.Binary;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>
/// An NFSv4.1/4.2 server in memory: sessions with replay caches, opens, locks, grace, and files that lose UNSTABLE writes at a restart. The
/// thread that sends the last byte of a request executes it, one request at a time, so a run depends only on the client and on the chosen
/// faults. <see cref="Violations"/> has each promise of the protocol that the client has broken. This file has connections and faults.
/// </summary>
internal sealed partial class FakeNfsServer(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<IFakeConnection> _channels = [];
    private readonly List<(IFakeConnection Channel, FakeRequest Request)> _held = [];
    private readonly List<FakeArrival> _arrivals = [];
    private readonly List<string> _violations = [];
    private readonly Dictionary<OperationCode, Queue<NfsStatus>> _failures = [];

    /// <summary>Chooses what the server does with each request. The server's gate is held.</summary>
    public Func<FakeRequest, FakeAction> OnRequest { get; set; } = _ => FakeAction.Execute;

    /// <summary>Chooses the status with which an operation fails; Ok for none. The server's gate is held.</summary>
    public Func<OperationCode, NfsStatus> OnOperation { get; set; } = _ => NfsStatus.Ok;

    /// <summary>Sets up each new connection. The number counts from 0.</summary>
    public Action<FakeChannel, int> OnConnect { get; set; } = (_, _) => { };

    public int Connections
    {
        get
        {
            lock (_gate)
                return _channels.Count;
        }
    }

    public int NullCalls { get; private set; }

    public IReadOnlyList<FakeArrival> Arrivals
    {
        get
        {
            lock (_gate)
                return [.. _arrivals];
        }
    }

    /// <summary>Acts of the client that the protocol forbids.</summary>
    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_gate)
                return [.. _violations];
        }
    }

    public int HeldCount
    {
        get
        {
            lock (_gate)
                return _held.Count;
        }
    }

    /// <summary>The next operations of this kind, as many as <paramref name="times"/>, fail with the status and are not executed.</summary>
    public void Fail(OperationCode code, NfsStatus status, int times = 1)
    {
        lock (_gate)
        {
            if (!_failures.TryGetValue(code, out Queue<NfsStatus>? queue))
                _failures[code] = queue = new Queue<NfsStatus>();
            for (int i = 0; i < times; i++)
                queue.Enqueue(status);
        }
    }

    /// <summary>Adds a connection that was made elsewhere.</summary>
    public void Attach(IFakeConnection connection)
    {
        lock (_gate)
            _channels.Add(connection);
    }

    public FakeChannel Accept()
    {
        FakeChannel channel = new(this);
        lock (_gate)
        {
            OnConnect(channel, _channels.Count);
            _channels.Add(channel);
        }
        return channel;
    }

    public void Cut()
    {
        lock (_gate)
        {
            foreach (IFakeConnection channel in _channels)
                channel.Shutdown();
        }
    }

    /// <summary>Executes all held requests. Each answer goes to the connection of its request.</summary>
    public void DeliverHeld()
    {
        lock (_gate)
        {
            foreach ((IFakeConnection channel, FakeRequest request) in _held)
                Perform(channel, request, FakeAction.Execute);
            _held.Clear();
        }
    }

    internal void Arrive(IFakeConnection channel, byte[] record)
    {
        lock (_gate)
        {
            // A NULL call (RFC 5531 section 12.1). A server answers it whatever its disks do.
            if (BinaryPrimitives.ReadUInt32BigEndian(record.AsSpan(20)) == 0)
            {
                NullCalls++;
                channel.Reply(EncodeNull(BinaryPrimitives.ReadUInt32BigEndian(record)));
                return;
            }
            FakeRequest request;
            try
            {
                request = FakeRequest.Read(record);
            }
            catch (XdrException error)
            {
                _violations.Add("malformed request: " + error.Message);
                channel.Shutdown();
                return;
            }
            FakeAction action = OnRequest(request);
            if (action.Holds)
                _held.Add((channel, request));
            else
                Perform(channel, request, action);
        }
    }

    private void Perform(IFakeConnection channel, FakeRequest request, FakeAction action)
    {
        if (action.Executes)
        {
            byte[] reply = Execute(request, _channels.IndexOf(channel), out FakeSlot? slot);
            if (action.Mangle is { } mangle)
                reply = mangle(reply);
            if (!action.Cuts)
                channel.Reply(reply, slot is null || action.Mangle is not null && !action.IsAnswer ? null : () => slot.Delivered = true);
        }
        if (action.Cuts)
            channel.Shutdown();
    }

    private bool TryTakeFailure(OperationCode code, out NfsStatus status)
    {
        status = OnOperation(code);
        if (status != NfsStatus.Ok)
            return true;
        return _failures.TryGetValue(code, out Queue<NfsStatus>? queue) && queue.TryDequeue(out status);
    }

    private static byte[] EncodeNull(uint xid)
    {
        byte[] reply = new byte[28];
        XdrWriter writer = new(reply);
        writer.WriteUInt32(RpcMessage.LastFragment | 24);
        writer.WriteUInt32(xid);
        writer.WriteUInt32(1);
        return reply;
    }

    /// <summary>A reply with record mark. <paramref name="results"/> are the encoded results of all executed operations.</summary>
    private static byte[] Encode(uint xid, NfsStatus status, int count, ReadOnlySpan<byte> results)
    {
        byte[] reply = new byte[64 + results.Length];
        XdrWriter writer = new(reply);
        writer.WriteUInt32(0);
        writer.WriteUInt32(xid);
        writer.WriteUInt32(1);
        writer.WriteUInt32(0);
        writer.WriteUInt32(0);
        writer.WriteUInt32(0);
        writer.WriteUInt32(0);
        writer.WriteUInt32((uint)status);
        writer.WriteUInt32(0);
        writer.WriteUInt32((uint)count);
        writer.WriteFixed(results);
        BinaryPrimitives.WriteUInt32BigEndian(reply, RpcMessage.LastFragment | (uint)(writer.Position - RpcMessage.RecordMarkBytes));
        return reply[..writer.Position];
    }
}
