using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>
/// Finds connections that died without a notice of the network. A silent connection with requests on it gets an RPC NULL call, which even a
/// server with slow disks answers at once. A connection counts as dead in two cases. In the first case the kernel has sent data several
/// times without an acknowledgement. In the second case another path got answers while the silent connection did not even answer NULL. The
/// client waits for a server that is slow on all paths. The timer runs only while a connection owes an answer.
/// </summary>
internal sealed class ConnectionMonitor(SessionContext context, ConnectionSet connections, CallMaker calls) : IDisposable
{
    /// <summary>
    /// Number of retransmission timeouts in a row (200 + 400 ms on a short path) after which a connection is dead, when another path is
    /// healthy.
    /// </summary>
    internal const int DeadRetransmissions = 2;

    /// <summary>
    /// The same number when there is no other path. A new connection may have no better luck, so the old connection gets about 3 s.
    /// </summary>
    internal const int DeadRetransmissionsAlone = 4;

    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _pingAfter = TimeSpan.FromMilliseconds(300);

    /// <summary>Longest wait for the answer to NULL while another path gets answers.</summary>
    private static readonly TimeSpan _pingDeadline = TimeSpan.FromSeconds(5);

    private readonly byte[] _nullCall = RpcMessage.BuildNullCall();
    private ITimer? _timer;
    private bool _isOn;

    /// <summary>Starts the watch, because a request is sent. The session's gate is held.</summary>
    public void Start()
    {
        if (_isOn)
            return;
        _isOn = true;
        _timer ??= context.Time.CreateTimer(_ => LookAtAll(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(_period, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer?.Dispose();

    private void LookAtAll()
    {
        long now = context.Time.GetTimestamp();
        lock (context.Gate)
        {
            if (context.State.IsClosed || connections.AreAll(connection => connection.OutstandingBytes == 0))
            {
                _isOn = false;
                return;
            }
        }
        foreach (NfsConnection connection in connections.All)
            Look(connection, now);
        // The timer is set anew each time. Looks that a stopped clock or process has missed are not made up for.
        _timer?.Change(_period, Timeout.InfiniteTimeSpan);
    }

    private void Look(NfsConnection connection, long now)
    {
        RpcSender? sender = null;
        string? dead = null;
        lock (context.Gate)
        {
            if (connection.State != ConnectionState.Bound || connection.Channel is not { } channel || !IsSilent(connection, now))
                return;
            bool alone = connections.AreAll(other => other == connection || other.State != ConnectionState.Bound || IsSilent(other, now));
            if (channel.LostTransmissions >= (alone ? DeadRetransmissionsAlone : DeadRetransmissions))
                dead = "no acknowledgement from the network";
            else if (connection.PingSentAt is not { } sentAt)
                sender = PreparePing(connection, now);
            else if (!alone && context.Time.GetElapsedTime(sentAt, now) >= _pingDeadline)
                dead = "no answer, while another path gets answers";
        }
        sender?.Send(connection.Ping);
        if (dead is not null)
            connection.Abort(dead);
    }

    private bool IsSilent(NfsConnection connection, long now) =>
        connection.OutstandingBytes > 0 && context.Time.GetElapsedTime(connection.SilentFrom, now) >= _pingAfter;

    /// <summary>Prepares the NULL call for a silent connection, if one is due. The gate is held.</summary>
    private RpcSender? PreparePing(NfsConnection connection, long now)
    {
        connection.Ping.BeginNull(_nullCall);
        connection.Ping.Route = connection;
        connection.Ping.Bind(calls.NextXid(CallMaker.PingSlot), default, 0, 0, 0);
        connection.PingSentAt = now;
        return connection.Sender;
    }
}
