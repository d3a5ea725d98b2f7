using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>
/// Finds connections that died without a word. A silent connection with requests on it is asked with an RPC NULL call, which a server
/// that is slow with its disks answers at once. It is dead when the kernel has sent data again and again without an acknowledgement, or
/// when another path got answers while this one did not even answer NULL. A server that is slow on all paths is waited for.
/// The timer runs only while requests are under way.
/// </summary>
internal sealed partial class NfsSession
{
    /// <summary>Retransmission timeouts in a row (200 + 400 ms on a short path) that make a connection dead when another path is healthy.</summary>
    internal const int DeadRetransmissions = 2;

    /// <summary>The same when there is no other: its successor may have no better luck, so it gets about 3 s.</summary>
    internal const int DeadRetransmissionsAlone = 4;

    private static readonly TimeSpan _monitorPeriod = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _pingAfter = TimeSpan.FromMilliseconds(300);

    /// <summary>Longest wait for the answer to NULL while another path gets answers.</summary>
    private static readonly TimeSpan _pingDeadline = TimeSpan.FromSeconds(5);

    private readonly byte[] _nullCall = RpcMessage.BuildNullCall();
    private ITimer? _monitorTimer;
    private bool _monitoring;

    /// <summary>A request goes out: from now on somebody looks. The gate is held.</summary>
    private void StartMonitor()
    {
        if (_monitoring)
            return;
        _monitoring = true;
        _monitorTimer ??= _time.CreateTimer(_ => Monitor(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _monitorTimer.Change(_monitorPeriod, Timeout.InfiniteTimeSpan);
    }

    private void Monitor()
    {
        long now = _time.GetTimestamp();
        lock (_gate)
        {
            if (_slots.InFlight == 0 || _stopped)
            {
                _monitoring = false;
                return;
            }
        }
        foreach (NfsConnection connection in _connections)
            Look(connection, now);
        // Set anew each time: looks that a stopped clock or process has missed are not made up for.
        _monitorTimer?.Change(_monitorPeriod, Timeout.InfiniteTimeSpan);
    }

    private void Look(NfsConnection connection, long now)
    {
        RpcSender? sender = null;
        string? dead = null;
        lock (_gate)
        {
            if (connection.State != ConnectionState.Bound || connection.OutstandingBytes == 0 || connection.Channel is not { } channel)
                return;
            TimeSpan silence = _time.GetElapsedTime(connection.SilentFrom, now);
            if (silence < _pingAfter)
                return;
            bool alone = !Array.Exists(_connections, other => other != connection && other.State == ConnectionState.Bound && !IsSilent(other, now));
            if (channel.LostTransmissions >= (alone ? DeadRetransmissionsAlone : DeadRetransmissions))
                dead = "no acknowledgement from the network";
            else if (connection.PingSentAt is not { } sentAt)
                sender = PreparePing(connection, now);
            else if (!alone && _time.GetElapsedTime(sentAt, now) >= _pingDeadline)
                dead = "no answer, while another path gets answers";
        }
        sender?.Send(connection.Ping);
        if (dead is not null)
            connection.Abort(dead);
    }

    private bool IsSilent(NfsConnection connection, long now) =>
        connection.OutstandingBytes > 0 && _time.GetElapsedTime(connection.SilentFrom, now) >= _pingAfter;

    /// <summary>The gate is held.</summary>
    private RpcSender? PreparePing(NfsConnection connection, long now)
    {
        connection.Ping.BeginNull(_nullCall);
        connection.Ping.Connection = connection;
        connection.Ping.Bind(NextXid(PingSlot), default, 0, 0, 0);
        connection.PingSentAt = now;
        return connection.Sender;
    }
}
