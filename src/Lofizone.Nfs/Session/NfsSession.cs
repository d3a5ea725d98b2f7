using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Statistics;
using Lofizone.Nfs.Threading;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>
/// Client ID, session and connections to one server (RFC 8881 section 2.10). Callers submit COMPOUNDs; each connection's thread receives
/// and completes the waiting calls inline; the session's thread makes the session and recovers it, once for all connections.
/// This file: submitting. Connections, receiving and recovering have files of their own.
/// </summary>
/// <remarks>
/// Invariant: a call keeps slot, sequence ID and bytes until it is answered or the session is gone; no slot holds two calls.
/// When the session is replaced, all calls that were under way or waiting complete with BADSESSION after the recovery, and are encoded anew.
/// </remarks>
internal sealed partial class NfsSession : IAsyncDisposable
{
    private const int ControlSlot = 0xFF;
    private const int PingSlot = 0xFE;
    private const int PooledCalls = 2 * NfsClientOptions.SlotLimit;

    private readonly Lock _gate = new();
    private readonly SlotTable _slots = new();
    private readonly Queue<CompoundCall> _waiting = new();
    private readonly Queue<CompoundCall> _fenced = new();
    private readonly Stack<CompoundCall> _pool = new(PooledCalls);
    private readonly NfsClientOptions _options;
    private readonly TimeProvider _time;
    private readonly byte[] _prefix;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _setupFailure;
    private SessionId _sessionId;
    private uint _xidCounter;
    private long _epoch;
    private bool _ready;
    private bool _started;
    private bool _stopped;

    public NfsSession(NfsClientOptions options, IReadOnlyList<IRpcConnector> paths)
    {
        _options = options;
        Threads = options.Threads ?? new SystemThreads(options.TimeProvider);
        _wake = Threads.NewSignal();
        Server = string.Join(", ", paths.Select(path => path.Server));
        _time = options.TimeProvider;
        Statistics = new NfsStatistics(_time);
        _paths = [.. paths.Select(path => new NfsPath(path))];
        _connections = [.. Enumerable.Range(0, options.ConnectionsPerPath).SelectMany(_ => _paths).Select((path, index) => new NfsConnection(this, path, index + 1, _stop.Token))];
        _prefix = RpcMessage.BuildPrefix(options.MachineName, options.Uid, options.Gid);
        _xidCounter = (uint)Random.Shared.Next();
        MinorVersion = options.MaxMinorVersion;
    }

    public NfsStatistics Statistics { get; }

    /// <summary>Host and port of each path, for messages.</summary>
    public string Server { get; }

    public NfsClientOptions Options => _options;

    public IClientThreads Threads { get; }

    /// <summary>Negotiated with the first EXCHANGE_ID.</summary>
    public int MinorVersion { get; private set; }

    public ulong ClientId { get; private set; }

    /// <summary>Largest data of one READ the session can carry, in bytes.</summary>
    public int MaxReadBytes { get; private set; }

    /// <summary>Largest data of one WRITE the session can carry, in bytes.</summary>
    public int MaxWriteBytes { get; private set; }

    /// <summary>Operations in one COMPOUND the session can carry.</summary>
    public int MaxOperations { get; private set; }

    /// <summary>Grows when session or state are replaced; requests encoded for an older one are never sent.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Connects and completes when the session is up, or throws what went wrong.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        StartThreads();
        try
        {
            // WaitAsync only behind an await of its own: it would take the continuation to the thread pool whatever the caller's context is.
            await AwaitFirstReadyAsync().WaitAsync(_options.SetupDeadline, _time, cancellation);
        }
        catch (TimeoutException error)
        {
            throw new NfsUnreachableException(Server, "CONNECT", $"no answer within {_options.SetupDeadline.TotalSeconds:0.#} s", error);
        }
        await CheckPathsAsync(cancellation);
    }

    private void StartThreads()
    {
        _started = true;
        Threads.Start("nfs session " + Server, Run);
        foreach (NfsConnection connection in _connections)
            connection.Start();
    }

    private async Task AwaitFirstReadyAsync() => await _firstReady.Task;

    /// <summary>A call for the hot path; give it back with <see cref="Return"/> after its results are read.</summary>
    public CompoundCall Rent()
    {
        CompoundCall? call;
        lock (_pool)
            _pool.TryPop(out call);
        call ??= new CompoundCall();
        return call;
    }

    public void Return(CompoundCall call)
    {
        call.Payload = default;
        call.Destination = default;
        lock (_pool)
        {
            if (_pool.Count < PooledCalls)
                _pool.Push(call);
        }
    }

    /// <summary>Starts encoding a request within the session.</summary>
    public XdrWriter Begin(CompoundCall call, bool cache, bool inline)
    {
        call.Epoch = Epoch;
        return call.Begin(_prefix, MinorVersion, cache, inline);
    }

    /// <summary>Sends the call in a slot, or keeps it until one is free and the session is up. Never waits.</summary>
    public void Submit(CompoundCall call)
    {
        RpcSender? sender = null;
        NfsStatus? refused = null;
        lock (_gate)
        {
            if (!_stopped)
            {
                // To be encoded anew, which finds out about the fence.
                if (call.Epoch != _epoch || call.Owner is { IsFenced: true })
                    refused = NfsStatus.BadSession;
                else if (!_ready || (_waiting.Count > 0 && !call.IsRenewal) || (sender = TryBind(call)) is null)
                    _waiting.Enqueue(call);
                if (sender is null && refused is null)
                    return;
            }
        }
        if (sender is not null)
            sender.Send(call);
        else if (refused is { } status)
            call.Complete(status);
        else
            call.Fail(Closed());
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
            _stopped = true;
        EndSleeps();
        foreach (NfsConnection connection in _connections)
            connection.Shutdown();
        _wake.Set();
        if (!_started)
            return;
        await _ended.Task;
        _renewTimer?.Dispose();
        _monitorTimer?.Dispose();
    }

    /// <summary>Only sleeps are registered with the token: ending them here needs no other thread.</summary>
    private void EndSleeps() => _stop.Cancel();

    private NfsUnreachableException Closed() => new(Server, "CLOSE", "the client is closed", _setupFailure);

    /// <summary>Puts the call into a slot and on a connection; null when there is no free slot or no connection. The gate is held.</summary>
    private RpcSender? TryBind(CompoundCall call)
    {
        if (Pick() is not { } connection || !TryTakeSlot(call, call.IsRenewal))
            return null;
        return Assign(call, connection);
    }

    /// <summary>Puts the call into a slot and fills in what depends on it. The gate is held.</summary>
    private bool TryTakeSlot(CompoundCall call, bool urgent)
    {
        if (!_slots.TryTake(call, urgent, out int slot, out uint sequenceId))
            return false;
        call.Bind(NextXid(slot), _sessionId, sequenceId, (uint)slot, _slots.HighestInUse);
        call.BoundAt = _time.GetTimestamp();
        Statistics.SetInFlight(_slots.InFlight);
        return true;
    }

    /// <summary>The low byte of a transaction ID is the slot, so that a reply finds its call without a table.</summary>
    private uint NextXid(int slot) => (++_xidCounter << 8) | (uint)slot;

    /// <summary>The next waiting call that somebody still waits for, in a slot; those of fenced files go to <see cref="_fenced"/> instead. The gate is held.</summary>
    private CompoundCall? TakeWaiting(out RpcSender? sender)
    {
        sender = null;
        while (_ready && _waiting.TryPeek(out CompoundCall? next))
        {
            if (next.IsAbandoned)
            {
                _waiting.Dequeue();
                continue;
            }
            if (next.Owner is { IsFenced: true })
            {
                _fenced.Enqueue(_waiting.Dequeue());
                continue;
            }
            sender = TryBind(next);
            if (sender is null)
                return null;
            return _waiting.Dequeue();
        }
        return null;
    }
}
