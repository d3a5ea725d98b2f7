using System.Net.Sockets;
using Lofizone.Basics;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Statistics;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>The use of a connection. Changed with the session's gate held.</summary>
internal enum ConnectionState
{
    /// <summary>There is no connection, or it is being made.</summary>
    Down,

    /// <summary>The connection is up, but not part of the session.</summary>
    Connected,

    /// <summary>The connection is part of the session, and requests go over the connection.</summary>
    Bound,

    /// <summary>The connection was told to end; its thread may still hold requests.</summary>
    Closing,
}

/// <summary>
/// One connection of a session, with its thread. The thread connects, receives, completes the answered calls, and connects again when the
/// connection ends. The session decides which requests are on the connection. A request belongs to one connection at a time, and moves to
/// another only after this thread and the sender have let go of the request.
/// </summary>
internal sealed class NfsConnection : ICallRoute
{
    private static readonly BackOff _backOff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    /// <summary>Pauses for an address that leads to another server. Such an address rarely comes back soon.</summary>
    private static readonly BackOff _foreignBackOff = _backOff with { Longest = TimeSpan.FromSeconds(10) };

    private readonly SessionContext _context;
    private readonly string _route;
    private volatile IRpcChannel? _channel;
    private volatile string? _abortReason;
    private long _receivedAt;
    private long _waitingSince;
    private int _failures;

    /// <param name="context">The session's context.</param>
    /// <param name="path">The path to connect to.</param>
    /// <param name="number">Number among the session's connections, from 1 on; traces name the connection by this number.</param>
    public NfsConnection(SessionContext context, NfsPath path, int number)
    {
        _route = $"{path.Connector.Server}/{number}";
        _context = context;
        Path = path;
        Statistics = context.Statistics.AddPath(path.Connector.Server);
    }

    public NfsPath Path { get; }

    public IRpcConnector Connector => Path.Connector;

    /// <summary>Counters of this path.</summary>
    public NfsPathStatistics Statistics { get; }

    /// <summary>The session's gate guards this property and all below, up to <see cref="Receiver"/>.</summary>
    public ConnectionState State
    {
        get;
        set
        {
            field = value;
            // The problem is cleared before the path counts as connected, so that no reader sees a connected path with its former problem.
            if (value == ConnectionState.Bound)
                Statistics.SetProblem(null);
            Statistics.SetConnected(value == ConnectionState.Bound);
        }
    }

    /// <summary>The sender; null unless the connection is up.</summary>
    public RpcSender? Sender { get; private set; }

    /// <summary>A request outside of the session that waits for its answer; there is at most one.</summary>
    public CompoundCall? Control { get; set; }

    /// <summary>Weight of the requests that were sent here and not answered, see <see cref="CompoundCall.WeightBytes"/>.</summary>
    public long OutstandingBytes { get; private set; }

    public bool IsDown => State == ConnectionState.Down;

    /// <summary>The NULL call that asks whether the server is alive.</summary>
    public CompoundCall Ping { get; } = new();

    /// <summary>Time stamp of when <see cref="Ping"/> was sent; null when the call is answered.</summary>
    public long? PingSentAt { get; set; }

    /// <summary>
    /// The client knows whether the path is usable: the path was used once, could not be reached, or leads to another server.
    /// </summary>
    public bool IsSettled { get; set; }

    /// <summary>
    /// Time stamp from which on the server owes an answer: that of the last answer, or that of the first request after a time without
    /// requests.
    /// </summary>
    public long SilentFrom => Math.Max(Volatile.Read(ref _receivedAt), Volatile.Read(ref _waitingSince));

    /// <summary>Reason why the last attempt failed or the last connection ended; null before the first failure.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>
    /// The connection is up, not part of the session, and free for a request outside of the session. The session's gate is held.
    /// </summary>
    public bool IsUnbound => State == ConnectionState.Connected && Control is null;

    /// <summary>The last attempt has failed, and no later attempt has succeeded. The session's gate is held.</summary>
    public bool HasFailed => IsDown && Failure is not null;

    /// <summary>The receiver. Only this connection's thread uses the receiver.</summary>
    public RecordReceiver? Receiver { get; private set; }

    public void Start(IConnectionUser user) => _context.Threads.Start("nfs receive " + Connector.Server, () => Run(user));

    /// <summary>The current channel. Each connect makes another one.</summary>
    public IRpcChannel? Channel => _channel;

    /// <summary>Ends the connection. The thread notices the end, hands back the requests that were under way and connects again.</summary>
    public void Shutdown() => _channel?.Shutdown();

    /// <summary>Ends the connection and notes the reason, which the end of a connection does not tell by itself.</summary>
    public void Abort(string reason)
    {
        _abortReason = reason;
        Shutdown();
    }

    /// <summary>Notes that data came. Only for this connection's thread.</summary>
    public void OnReceived(long timestamp) => Volatile.Write(ref _receivedAt, timestamp);

    /// <summary>Assigns the call to this connection. The session's gate is held.</summary>
    /// <returns>The sender that sends the call, once the gate is left.</returns>
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

    /// <summary>Marks the connection as down: neither sender nor receiver touch a request any more. The session's gate is held.</summary>
    /// <returns>The request outside of the session that was under way; null when there was none.</returns>
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

    /// <summary>Resets the back-off, because the server has executed a request of a caller.</summary>
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
                while (user.ReceiveOne(this))
                {
                }
                Failure = WithReason(RecordReceiver.Ended());
            }
            catch (SessionLostException error)
            {
                Failure = error;
                user.OnSessionLost(error);
            }
            catch (Exception error) when (error is IOException or SocketException)
            {
                Failure = WithReason(error);
            }
            Statistics.SetProblem(Failure!.Message);
            Close(user);
            WaitToRetry();
        }
    }

    private Exception WithReason(Exception error) => _abortReason is { } reason ? new IOException(reason, error) : error;

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
        // After Dispose no thread reads from any call's buffers, so the calls may be sent over another connection or given up.
        sender?.Dispose();
        Receiver?.Abandon();
        _channel?.Dispose();
        _channel = null;
        user.OnClosed(this);
    }

    /// <summary>
    /// Waits before the next attempt. There is no wait before the first attempt, because a connection that worked can often be made again
    /// at once.
    /// </summary>
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
            // The client is closed, so the loop ends.
        }
    }
}
