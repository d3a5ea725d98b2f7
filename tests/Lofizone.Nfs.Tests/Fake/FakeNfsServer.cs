using System.Buffers.Binary;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>
/// An NFSv4.1/4.2 server in memory: sessions with replay caches, opens, locks, grace, and files whose UNSTABLE writes a restart forgets.
/// Requests run on the thread that sends their last byte, one at a time, so a run depends on nothing but the client and the chosen faults.
/// It watches the client's promises and notes each broken one in <see cref="Violations"/>. This file: connections and faults.
/// </summary>
internal sealed partial class FakeNfsServer(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<IFakeConnection> _channels = [];
    private readonly List<(IFakeConnection Channel, FakeRequest Request)> _held = [];
    private readonly List<FakeArrival> _arrivals = [];
    private readonly List<string> _violations = [];
    private readonly Dictionary<OperationCode, Queue<NfsStatus>> _failures = [];

    /// <summary>Chooses what becomes of each request; called with the server's gate held.</summary>
    public Func<FakeRequest, FakeAction> OnRequest { get; set; } = _ => FakeAction.Execute;

    /// <summary>Fails an operation with what it returns, unless that is Ok; called with the server's gate held.</summary>
    public Func<OperationCode, NfsStatus> OnOperation { get; set; } = _ => NfsStatus.Ok;

    /// <summary>Sets up each new connection; the number counts from 0.</summary>
    public Action<FakeChannel, int> OnConnect { get; set; } = (_, _) => { };

    /// <summary>Connections made so far.</summary>
    public int Connections
    {
        get
        {
            lock (_gate)
                return _channels.Count;
        }
    }

    /// <summary>NULL calls answered.</summary>
    public int NullCalls { get; private set; }

    /// <summary>Requests in the order of their arrival.</summary>
    public IReadOnlyList<FakeArrival> Arrivals
    {
        get
        {
            lock (_gate)
                return [.. _arrivals];
        }
    }

    /// <summary>What the client did that it must never do.</summary>
    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_gate)
                return [.. _violations];
        }
    }

    /// <summary>Requests that are held.</summary>
    public int HeldCount
    {
        get
        {
            lock (_gate)
                return _held.Count;
        }
    }

    /// <summary>The next so many operations of this kind fail with the status, without being executed.</summary>
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

    /// <summary>A connection that somebody else makes.</summary>
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

    /// <summary>Ends all connections.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (IFakeConnection channel in _channels)
                channel.Shutdown();
        }
    }

    /// <summary>Executes everything held now, late as it is; answers go to the connection each came over.</summary>
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
            // A NULL call (RFC 5531 section 12.1): a server answers it whatever its disks do.
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

    /// <summary>A reply with record mark; <paramref name="results"/> are the encoded results of all operations executed.</summary>
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
