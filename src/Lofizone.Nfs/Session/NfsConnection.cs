using System.Net.Sockets;
using Lofizone.Nfs.Rpc;

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

    private readonly NfsSession _session;
    private readonly CancellationToken _stop;
    private volatile IRpcChannel? _channel;
    private int _failures;

    public NfsConnection(NfsSession session, IRpcConnector connector, CancellationToken stop)
    {
        _session = session;
        _stop = stop;
        Connector = connector;
        Path = session.Statistics.AddPath(connector.Server);
    }

    public IRpcConnector Connector { get; }

    /// <summary>What is counted of this route.</summary>
    public NfsPathStatistics Path { get; }

    /// <summary>Guarded by the session's gate, like all below it up to <see cref="Receiver"/>.</summary>
    public ConnectionState State
    {
        get;
        set
        {
            field = value;
            Path.SetConnected(value == ConnectionState.Bound);
        }
    }

    /// <summary>Null unless the connection is up.</summary>
    public RpcSender? Sender { get; set; }

    /// <summary>A request outside of the session that waits for its answer; there is at most one.</summary>
    public CompoundCall? Control { get; set; }

    /// <summary>Weight of the requests that were sent here and not answered, see <see cref="CompoundCall.WeightBytes"/>.</summary>
    public long OutstandingBytes { get; set; }

    /// <summary>Why the last attempt failed or the last connection ended; null before.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Only for this connection's thread.</summary>
    public RecordReceiver? Receiver { get; private set; }

    public void Start() => _session.Threads.Start("nfs receive " + Connector.Server, Run);

    /// <summary>Ends the connection; its thread notices, hands back what was under way and connects again.</summary>
    public void Shutdown() => _channel?.Shutdown();

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
                    Path.CountReconnect();
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
                Failure = error;
            }
            Close();
            BackOff();
        }
    }

    private void Connect()
    {
        IRpcChannel channel = Connector.Connect(_session.Options.ConnectDeadline);
        _channel = channel;
        Path.SetRoundTrip(() => channel.RoundTrip);
        if (_stop.IsCancellationRequested)
            channel.Shutdown();
        Receiver = new RecordReceiver(channel, _session.Options.MaxIoBytes + SessionSizes.OverheadBytes);
        _session.SetSender(this, new RpcSender(channel, _session.Threads));
    }

    private void Close()
    {
        RpcSender? sender = _session.TakeSender(this);
        // Afterwards no thread reads from any call's buffers, so they may be sent over another connection or given up.
        sender?.Dispose();
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
        TimeSpan pause = TimeSpan.FromTicks((long)Math.Min(_firstBackOff.Ticks * factor, _longestBackOff.Ticks));
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
