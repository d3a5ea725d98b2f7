using System.Net.Sockets;
using Lofizone.Basics;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Statistics;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>What a connection is good for; changed with the session's gate held.</summary>
internal enum ConnectionState
{
    /// <summary>None, or being made.</summary>
    Down,

    /// <summary>Up, but not part of the session.</summary>
    Connected,

    /// <summary>Part of the session: requests go over it.</summary>
    Bound,

    /// <summary>Told to end; its thread may still hold requests.</summary>
    Closing,
}

/// <summary>
/// One connection of a session with its thread, which connects, receives and completes what is answered, and connects again when the
/// connection ends. Which requests are on it is the session's business: a request belongs to one connection at a time, and changes over
/// only after this thread and the sender have let go of it.
/// </summary>
internal sealed class NfsConnection : ICallRoute
{
    private static readonly BackOff _backOff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    /// <summary>An address that leads to another server rarely comes back soon.</summary>
    private static readonly BackOff _foreignBackOff = _backOff with { Longest = TimeSpan.FromSeconds(10) };

    private readonly SessionContext _context;
    private readonly string _route;
    private volatile IRpcChannel? _channel;
    private volatile string? _abortReason;
    private long _receivedAt;
    private long _waitingSince;
    private int _failures;

    /// <param name="context">The session's.</param>
    /// <param name="path">Where to connect to.</param>
    /// <param name="number">Among the session's connections, from 1 on; names it in traces.</param>
    public NfsConnection(SessionContext context, NfsPath path, int number)
    {
        _route = $"{path.Connector.Server}/{number}";
        _context = context;
        Path = path;
        Statistics = context.Statistics.AddPath(path.Connector.Server);
    }

    public NfsPath Path { get; }

    public IRpcConnector Connector => Path.Connector;

    /// <summary>What is counted of this route.</summary>
    public NfsPathStatistics Statistics { get; }

    /// <summary>Guarded by the session's gate, like all below it up to <see cref="Receiver"/>.</summary>
    public ConnectionState State
    {
        get;
        set
        {
            field = value;
            // In this order: nobody sees a connected path with the problem that it had.
            if (value == ConnectionState.Bound)
                Statistics.SetProblem(null);
            Statistics.SetConnected(value == ConnectionState.Bound);
        }
    }

    /// <summary>Null unless the connection is up.</summary>
    public RpcSender? Sender { get; private set; }

    /// <summary>A request outside of the session that waits for its answer; there is at most one.</summary>
    public CompoundCall? Control { get; set; }

    /// <summary>Weight of the requests that were sent here and not answered, see <see cref="CompoundCall.WeightBytes"/>.</summary>
    public long OutstandingBytes { get; private set; }

    public bool IsDown => State == ConnectionState.Down;

    /// <summary>The NULL call that asks whether anybody is there.</summary>
    public CompoundCall Ping { get; } = new();

    /// <summary>When <see cref="Ping"/> was sent; null when it is answered.</summary>
    public long? PingSentAt { get; set; }

    /// <summary>It is known whether the path can be used: it was, or could not be, or leads to another server.</summary>
    public bool IsSettled { get; set; }

    /// <summary>
    /// Time stamp from when on the server owes an answer: the last one, or the first request after there was none to answer.
    /// </summary>
    public long SilentFrom => Math.Max(Volatile.Read(ref _receivedAt), Volatile.Read(ref _waitingSince));

    /// <summary>Why the last attempt failed or the last connection ended; null before.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Up, not part of the session, and free for a request outside of it. The session's gate is held.</summary>
    public bool IsUnbound => State == ConnectionState.Connected && Control is null;

    /// <summary>The last attempt has failed, and no other has succeeded. The session's gate is held.</summary>
    public bool HasFailed => IsDown && Failure is not null;

    /// <summary>Only for this connection's thread.</summary>
    public RecordReceiver? Receiver { get; private set; }

    public void Start(IConnectionUser user) => _context.Threads.Start("nfs receive " + Connector.Server, () => Run(user));

    /// <summary>The connection as it is now; another one after it was made anew.</summary>
    public IRpcChannel? Channel => _channel;

    /// <summary>Ends the connection; its thread notices, hands back what was under way and connects again.</summary>
    public void Shutdown() => _channel?.Shutdown();

    /// <summary>Ends the connection for a reason that its end itself does not tell.</summary>
    public void Abort(string reason)
    {
        _abortReason = reason;
        Shutdown();
    }

    /// <summary>Something came; only for this connection's thread.</summary>
    public void OnReceived(long timestamp) => Volatile.Write(ref _receivedAt, timestamp);

    /// <summary>The call goes over this connection. The session's gate is held.</summary>
    /// <returns>Sends it, once the gate is left.</returns>
    public RpcSender Add(CompoundCall call)
    {
        call.Route = this;
        if (OutstandingBytes == 0)
            Volatile.Write(ref _waitingSince, _context.Time.GetTimestamp());
        OutstandingBytes += call.WeightBytes;
        Statistics.SetInFlight(Statistics.InFlight + 1);
        return Sender!;
    }

    public void Remove(CompoundCall call)
    {
        OutstandingBytes -= call.WeightBytes;
        Statistics.SetInFlight(Statistics.InFlight - 1);
    }

    /// <summary>Neither sender nor receiver touch a request any more. The session's gate is held.</summary>
    /// <returns>The request outside of the session that was under way, if there was one.</returns>
    public CompoundCall? OnDown()
    {
        State = ConnectionState.Down;
        OutstandingBytes = 0;
        Statistics.SetInFlight(0);
        PingSentAt = null;
        IsSettled = true;
        CompoundCall? control = Control;
        Control = null;
        return control;
    }

    /// <summary>A request of a caller was executed: the next failure is the first one again.</summary>
    public void OnSuccess() => _failures = 0;

    private void Run(IConnectionUser user)
    {
        bool connectedBefore = false;
        while (!_context.Stop.IsCancellationRequested)
        {
            try
            {
                Connect();
                if (connectedBefore)
                {
                    _context.Statistics.CountReconnect();
                    Statistics.CountReconnect();
                }
                connectedBefore = true;
                user.OnConnected(this);
                while (true)
                    user.ReceiveOne(this);
            }
            catch (SessionLostException error)
            {
                Failure = error;
                user.OnSessionLost(error);
            }
            catch (Exception error) when (error is IOException or SocketException)
            {
                Failure = _abortReason is { } reason ? new IOException(reason, error) : error;
            }
            Statistics.SetProblem(Failure.Message);
            Close(user);
            WaitToRetry();
        }
    }

    private void Connect()
    {
        IRpcChannel channel = Connector.Connect(_context.Options.ConnectDeadline);
        _abortReason = null;
        _channel = channel;
        Statistics.SetRoundTrip(() => channel.RoundTrip);
        if (_context.Stop.IsCancellationRequested)
            channel.Shutdown();
        ReplyCapture? capture = _context.Options.Tap is { } tap ? new ReplyCapture(tap, _route) : null;
        Receiver = new RecordReceiver(channel, _context.Options.MaxIoBytes + SessionSizes.OverheadBytes, capture);
        RpcSender sender = new(channel, _context.Threads, _context.Options.Tap, _route);
        lock (_context.Gate)
            Sender = sender;
    }

    private void Close(IConnectionUser user)
    {
        RpcSender? sender;
        lock (_context.Gate)
        {
            // No request goes to the connection from here on.
            if (State != ConnectionState.Down)
                State = ConnectionState.Closing;
            (sender, Sender) = (Sender, null);
        }
        // Afterwards no thread reads from any call's buffers, so they may be sent over another connection or given up.
        sender?.Dispose();
        Receiver?.Abandon();
        _channel?.Dispose();
        _channel = null;
        user.OnClosed(this);
    }

    /// <summary>Waits before the next attempt; not before the first, since a connection that worked may well be had again.</summary>
    private void WaitToRetry()
    {
        int failures = _failures++;
        if (failures == 0)
            return;
        try
        {
            _context.Threads.Sleep((Path.DiffersFrom is null ? _backOff : _foreignBackOff).After(failures - 1), _context.Stop);
        }
        catch (OperationCanceledException)
        {
            // Closed: the loop ends.
        }
    }
}
