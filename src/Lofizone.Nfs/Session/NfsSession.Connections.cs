using System.Globalization;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>
/// The session's connections (trunking, RFC 8881 section 2.10.5): each new one is bound to the session; requests spread over the bound
/// ones; what was under way on one that ends is sent again over another with the same slot, sequence ID and bytes, so that the server
/// executes it once, whichever copy arrives when.
/// </summary>
internal sealed partial class NfsSession
{
    private readonly NfsPath[] _paths;
    private readonly NfsConnection[] _connections;

    /// <summary>Makes the session and recovers it: the connection on which requests outside of the session go. Only for the session's thread.</summary>
    private NfsConnection? _leader;
    private IRpcChannel? _leaderChannel;
    private int _lastPicked;

    /// <summary>The connection is up, its thread about to receive.</summary>
    public void OnConnected(NfsConnection connection)
    {
        SessionId session;
        lock (_gate)
        {
            if (_stopped)
                throw new IOException("the client is closed");
            connection.State = ConnectionState.Connected;
            session = _sessionId;
            if (!_hasSession)
            {
                _wake.Set();
                return;
            }
        }
        _ = BindAsync(connection, session);
    }

    public void SetSender(NfsConnection connection, RpcSender sender)
    {
        lock (_gate)
            connection.Sender = sender;
    }

    /// <summary>No request goes to the connection from here on.</summary>
    public RpcSender? TakeSender(NfsConnection connection)
    {
        lock (_gate)
        {
            if (connection.State != ConnectionState.Down)
                connection.State = ConnectionState.Closing;
            RpcSender? sender = connection.Sender;
            connection.Sender = null;
            return sender;
        }
    }

    /// <summary>Neither sender nor receiver of the connection touch a request any more: what was under way goes over another connection, or waits for one.</summary>
    public void OnClosed(NfsConnection connection)
    {
        CompoundCall? control;
        lock (_gate)
        {
            connection.State = ConnectionState.Down;
            connection.OutstandingBytes = 0;
            connection.Statistics.SetInFlight(0);
            connection.PingSentAt = null;
            connection.IsSettled = true;
            control = connection.Control;
            connection.Control = null;
            for (int slot = 0; slot < _slots.Count; slot++)
            {
                if (_slots[slot] is { } call && call.Connection == connection)
                    call.Connection = null;
            }
            Statistics.SetConnected(HasBound());
        }
        SignalSettled();
        RetryDoubtful();
        control?.Fail(new NfsUnreachableException(connection.Connector.Server, "RPC", connection.Failure?.Message ?? "the connection ended", connection.Failure));
        SendUnansweredAgain();
        _wake.Set();
    }

    /// <summary>The session is gone, or its slots and ours disagree. Ends all connections, so that nothing of the old session is under way when the next one starts.</summary>
    /// <param name="loss">What the server said.</param>
    /// <param name="keep">A connection that is not part of the session and may stay.</param>
    public void LoseSession(SessionLostException loss, NfsConnection? keep = null)
    {
        lock (_gate)
        {
            if (!_hasSession)
                return;
            _hasSession = false;
            _ready = false;
            _lossReason = loss;
            Statistics.CountSessionLost();
            foreach (NfsConnection connection in _connections)
            {
                if (connection != keep && connection.State is ConnectionState.Connected or ConnectionState.Bound)
                    connection.State = ConnectionState.Closing;
            }
        }
        foreach (NfsConnection connection in _connections)
        {
            if (connection != keep)
                connection.Shutdown();
        }
        _wake.Set();
    }

    private async Task BindAsync(NfsConnection connection, SessionId session)
    {
        CompoundCall call = new();
        XdrWriter writer = call.Begin(_prefix, MinorVersion, null, inline: true);
        BindConnToSession.Encode(ref writer, session);
        call.End(writer);
        NfsStatus status;
        try
        {
            using (StartWatchdog(connection))
                status = await SubmitControl(connection, call);
        }
        catch (IOException)
        {
            // The connection's thread knows.
            return;
        }
        if (!IsSessionGone(status))
            Admit(connection, session);
        else
            await JudgeAsync(connection, session, status);
    }

    /// <summary>Servers without state protection bind a connection with its first SEQUENCE anyway: other refusals of BIND_CONN_TO_SESSION don't matter.</summary>
    private static bool IsSessionGone(NfsStatus status) => status is NfsStatus.BadSession or NfsStatus.DeadSession or NfsStatus.StaleClientId;

    private void Admit(NfsConnection connection, SessionId session)
    {
        lock (_gate)
        {
            if (!_hasSession || session != _sessionId || connection.State != ConnectionState.Connected)
                return;
            OnBound(connection);
        }
        SendUnansweredAgain();
        PumpWaiting();
        _wake.Set();
    }

    /// <summary>Binds what came up while there was no session.</summary>
    private void BindOthers()
    {
        foreach (NfsConnection connection in _connections)
        {
            SessionId session;
            lock (_gate)
            {
                if (connection.State != ConnectionState.Connected || connection.Control is not null)
                    continue;
                session = _sessionId;
            }
            _ = BindAsync(connection, session);
        }
    }

    /// <summary>Sends what lost its connection, or was put off long enough, over one that is bound, if there is one.</summary>
    private void SendUnansweredAgain()
    {
        long now = _time.GetTimestamp();
        while (true)
        {
            RpcSender? sender = null;
            CompoundCall? call = null;
            lock (_gate)
            {
                if (!_hasSession || Pick() is not { } connection)
                    return;
                for (int slot = 0; slot < _slots.Count && call is null; slot++)
                    call = _slots[slot] is { } waiting && IsToBeSent(waiting, now) ? waiting : null;
                if (call is null)
                    return;
                call.PrepareSend();
                sender = Assign(call, connection);
                Statistics.CountRetransmit();
                call.Connection!.Statistics.CountRetransmit();
            }
            sender.Send(call);
        }
    }

    /// <summary>The bound connection with the least to do; in turn when several have equally much. The gate is held.</summary>
    private NfsConnection? Pick()
    {
        NfsConnection? best = null;
        int count = _connections.Length;
        for (int i = 1; i <= count; i++)
        {
            int at = _lastPicked + i;
            NfsConnection candidate = _connections[at < count ? at : at - count];
            if (candidate.State == ConnectionState.Bound && (best is null || candidate.OutstandingBytes < best.OutstandingBytes))
                best = candidate;
        }
        if (count > 1 && best is not null)
            _lastPicked = Array.IndexOf(_connections, best);
        return best;
    }

    /// <summary>The gate is held.</summary>
    private RpcSender Assign(CompoundCall call, NfsConnection connection)
    {
        call.Connection = connection;
        if (connection.OutstandingBytes == 0)
            connection.OnWaiting(_time.GetTimestamp());
        if (!call.IsRenewal)
            StartMonitor();
        connection.OutstandingBytes += call.WeightBytes;
        connection.Statistics.SetInFlight(connection.Statistics.InFlight + 1);
        return connection.Sender!;
    }

    /// <summary>What holds it up, for whoever debugs a client that hangs.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            string connections = string.Join(", ", _connections.Select(connection =>
                $"{connection.Connector.Server} {connection.State}{(connection.Control is null ? "" : " control")} ({connection.Failure?.Message})"));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"session {_hasSession}, ready {_ready}, in flight {_slots.InFlight}, waiting {_waiting.Count}, lost {_lost.Count}, resend {_resendWanted}, drains {_drains}, epoch {_epoch}; {connections}");
        }
    }

    /// <summary>The gate is held.</summary>
    private bool HasBound()
    {
        foreach (NfsConnection connection in _connections)
        {
            if (connection.State == ConnectionState.Bound)
                return true;
        }
        return false;
    }

    /// <summary>Sends a request outside of the session over a connection that is up.</summary>
    private ValueTask<NfsStatus> SubmitControl(NfsConnection connection, CompoundCall call)
    {
        RpcSender sender;
        lock (_gate)
        {
            if (connection.Sender is null || connection.Control is not null || connection.State is ConnectionState.Down or ConnectionState.Closing)
                return ValueTask.FromException<NfsStatus>(new IOException("the connection ended"));
            connection.Control = call;
            call.Connection = connection;
            call.Bind(NextXid(ControlSlot), default, 0, 0, 0);
            call.BoundAt = _time.GetTimestamp();
            sender = connection.Sender;
        }
        ValueTask<NfsStatus> completion = call.Completion;
        sender.Send(call);
        return completion;
    }

    /// <summary>Ends the connection when the server takes longer than allowed.</summary>
    private ITimer StartWatchdog(NfsConnection connection) =>
        _time.CreateTimer(state => ((NfsConnection)state!).Shutdown(), connection, _options.SetupDeadline, Timeout.InfiniteTimeSpan);
}
