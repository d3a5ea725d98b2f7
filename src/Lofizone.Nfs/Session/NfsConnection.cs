using System.Globalization;
using System.Net.Sockets;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Statistics;

namespace Lofizone.Nfs.Session;

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
internal sealed class NfsConnection
{
    private static readonly TimeSpan _firstBackOff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestBackOff = TimeSpan.FromSeconds(2);

    /// <summary>An address that leads to another server rarely comes back soon.</summary>
    private static readonly TimeSpan _foreignBackOff = TimeSpan.FromSeconds(10);

    private readonly NfsSession _session;
    private readonly CancellationToken _stop;
    private readonly string _route;
    private volatile IRpcChannel? _channel;
    private volatile string? _abortReason;
    private long _receivedAt;
    private long _waitingSince;
    private int _failures;

    /// <param name="session">The session.</param>
    /// <param name="path">Where to connect to.</param>
    /// <param name="number">Among the session's connections, from 1 on; names it in traces.</param>
    /// <param name="stop">Ends it.</param>
    public NfsConnection(NfsSession session, NfsPath path, int number, CancellationToken stop)
    {
        _route = string.Create(CultureInfo.InvariantCulture, $"{path.Connector.Server}/{number}");
        _session = session;
        _stop = stop;
        Path = path;
        Statistics = session.Statistics.AddPath(path.Connector.Server);
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
    public RpcSender? Sender { get; set; }

    /// <summary>A request outside of the session that waits for its answer; there is at most one.</summary>
    public CompoundCall? Control { get; set; }

    /// <summary>Weight of the requests that were sent here and not answered, see <see cref="CompoundCall.WeightBytes"/>.</summary>
    public long OutstandingBytes { get; set; }

    /// <summary>The NULL call that asks whether anybody is there.</summary>
    public CompoundCall Ping { get; } = new();

    /// <summary>When <see cref="Ping"/> was sent; null when it is answered.</summary>
    public long? PingSentAt { get; set; }

    /// <summary>It is known whether the path can be used: it was, or could not be, or leads to another server.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Time stamp from when on the server owes an answer: the last one, or the first request after there was none to answer.</summary>
    public long SilentFrom => Math.Max(Volatile.Read(ref _receivedAt), Volatile.Read(ref _waitingSince));

    /// <summary>Why the last attempt failed or the last connection ended; null before.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Only for this connection's thread.</summary>
    public RecordReceiver? Receiver { get; private set; }

    public void Start() => _session.Threads.Start("nfs receive " + Connector.Server, Run);

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

    /// <summary>A request goes out where none was under way. The session's gate is held.</summary>
    public void OnWaiting(long timestamp) => Volatile.Write(ref _waitingSince, timestamp);

    /// <summary>A request of a caller was executed: the next failure is the first one again.</summary>
    public void OnSuccess() => _failures = 0;

    private void Run()
    {
        bool connectedBefore = false;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Connect();
                if (connectedBefore)
                {
                    _session.Statistics.CountReconnect();
                    Statistics.CountReconnect();
                }
                connectedBefore = true;
                _session.OnConnected(this);
                while (true)
                    _session.ReceiveOne(this);
            }
            catch (SessionLostException error)
            {
                Failure = error;
                _session.LoseSession(error);
            }
            catch (Exception error) when (error is IOException or SocketException)
            {
                Failure = _abortReason is { } reason ? new IOException(reason, error) : error;
            }
            Statistics.SetProblem(Failure.Message);
            Close();
            BackOff();
        }
    }

    private void Connect()
    {
        IRpcChannel channel = Connector.Connect(_session.Options.ConnectDeadline);
        _abortReason = null;
        _channel = channel;
        Statistics.SetRoundTrip(() => channel.RoundTrip);
        if (_stop.IsCancellationRequested)
            channel.Shutdown();
        Receiver = new RecordReceiver(channel, _session.Options.MaxIoBytes + SessionSizes.OverheadBytes, _session.Options.Tap is { } tap ? new ReplyCapture(tap, _route) : null);
        _session.SetSender(this, new RpcSender(channel, _session.Threads, _session.Options.Tap, _route));
    }

    private void Close()
    {
        RpcSender? sender = _session.TakeSender(this);
        // Afterwards no thread reads from any call's buffers, so they may be sent over another connection or given up.
        sender?.Dispose();
        Receiver?.Abandon();
        _channel?.Dispose();
        _channel = null;
        _session.OnClosed(this);
    }

    private void BackOff()
    {
        int failures = _failures++;
        if (failures == 0)
            return;
        double factor = Math.Pow(2, Math.Min(failures - 1, 10));
        TimeSpan longest = Path.DiffersFrom is null ? _longestBackOff : _foreignBackOff;
        TimeSpan pause = TimeSpan.FromTicks((long)Math.Min(_firstBackOff.Ticks * factor, longest.Ticks));
        try
        {
            _session.Threads.Sleep(pause, _stop);
        }
        catch (OperationCanceledException)
        {
            // Closed: the loop ends.
        }
    }
}
