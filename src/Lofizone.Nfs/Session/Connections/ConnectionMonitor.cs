using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>
/// Finds connections that died without a word. A silent connection with requests on it is asked with an RPC NULL call, which a server
/// that is slow with its disks answers at once. It is dead when the kernel has sent data again and again without an acknowledgement, or
/// when another path got answers while this one did not even answer NULL. A server that is slow on all paths is waited for.
/// The timer runs only while a connection owes an answer.
/// </summary>
internal sealed class ConnectionMonitor(SessionContext context, ConnectionSet connections, CallMaker calls) : IDisposable
{
    /// <summary>
    /// Retransmission timeouts in a row (200 + 400 ms on a short path) that make a connection dead when another path is healthy.
    /// </summary>
    internal const int DeadRetransmissions = 2;

    /// <summary>The same when there is no other: its successor may have no better luck, so it gets about 3 s.</summary>
    internal const int DeadRetransmissionsAlone = 4;

    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _pingAfter = TimeSpan.FromMilliseconds(300);

    /// <summary>Longest wait for the answer to NULL while another path gets answers.</summary>
    private static readonly TimeSpan _pingDeadline = TimeSpan.FromSeconds(5);

    private readonly byte[] _nullCall = RpcMessage.BuildNullCall();
    private ITimer? _timer;
    private bool _isOn;

    /// <summary>A request goes out: from now on somebody looks. The session's gate is held.</summary>
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
        // Set anew each time: looks that a stopped clock or process has missed are not made up for.
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

    /// <summary>The gate is held.</summary>
    private RpcSender? PreparePing(NfsConnection connection, long now)
    {
        connection.Ping.BeginNull(_nullCall);
        connection.Ping.Route = connection;
        connection.Ping.Bind(calls.NextXid(CallMaker.PingSlot), default, 0, 0, 0);
        connection.PingSentAt = now;
        return connection.Sender;
    }
}
