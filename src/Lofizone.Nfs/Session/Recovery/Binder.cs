using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// Makes connections part of the session by BIND_CONN_TO_SESSION (RFC 8881 section 18.34), or finds out that they lead to another server.
/// </summary>
internal sealed class Binder(
    SessionContext context,
    ClientIdentity identity,
    ConnectionSet connections,
    ControlCalls control,
    PathJudge paths,
    CallQueue queue,
    CallMaker calls)
{
    /// <summary>
    /// Tells whether the status means that the session is gone. Other refusals of BIND_CONN_TO_SESSION do not matter: without state
    /// protection a server binds a connection with its first SEQUENCE (RFC 8881 section 2.10.3.1).
    /// </summary>
    public static bool IsSessionGone(NfsStatus status) =>
        status is NfsStatus.BadSession or NfsStatus.DeadSession or NfsStatus.StaleClientId;

    public CompoundCall BindCall(SessionId session) => calls.Outside((ref writer) => BindConnToSession.Encode(ref writer, session));

    /// <summary>Handles a connection that has come up. Its thread receives next.</summary>
    /// <exception cref="IOException">The client is closed.</exception>
    public void OnConnected(NfsConnection connection)
    {
        SessionId session;
        lock (context.Gate)
        {
            context.State.ThrowIfClosed();
            connection.State = ConnectionState.Connected;
            session = identity.Session;
            if (!context.State.HasSession)
            {
                context.Wake.Set();
                return;
            }
        }
        _ = BindAsync(connection, session);
    }

    /// <summary>Binds the connections that came up while there was no session.</summary>
    public void BindOthers()
    {
        foreach (NfsConnection connection in connections.All)
        {
            SessionId session;
            lock (context.Gate)
            {
                if (!connection.IsUnbound)
                    continue;
                session = identity.Session;
            }
            _ = BindAsync(connection, session);
        }
    }

    /// <summary>
    /// Ends the wait of connections for the answer of another path when no path is up. Those connections then ask again. The session's gate
    /// is not held.
    /// </summary>
    public void RetryDoubtful()
    {
        foreach (NfsConnection connection in connections.All)
        {
            lock (context.Gate)
            {
                if (!context.State.HasSession || connections.HasBound() || !connection.IsUnbound)
                    continue;
            }
            connection.Shutdown();
        }
    }

    private async Task BindAsync(NfsConnection connection, SessionId session)
    {
        CompoundCall call = BindCall(session);
        NfsStatus status;
        try
        {
            using (StartWatchdog(connection))
                status = await control.Submit(connection, call);
        }
        catch (IOException)
        {
            // The connection's thread handles the end of the connection.
            return;
        }
        if (!IsSessionGone(status))
            Admit(connection, session);
        else
            await JudgeAsync(connection, session, status);
    }

    /// <summary>Ends the connection when the server takes longer than allowed.</summary>
    private ITimer StartWatchdog(NfsConnection connection) => context.Time.CreateTimer(
        state => ((NfsConnection)state!).Shutdown(), connection, context.Options.SetupDeadline, Timeout.InfiniteTimeSpan);

    private void Admit(NfsConnection connection, SessionId session)
    {
        lock (context.Gate)
        {
            if (!IsCurrent(session) || connection.State != ConnectionState.Connected)
                return;
            paths.OnBound(connection);
        }
        queue.SendUnansweredAgain();
        queue.Pump();
        context.Wake.Set();
    }

    /// <summary>
    /// The server behind the connection does not know the session. Finds out whether the server has forgotten the session, or is another
    /// server.
    /// </summary>
    private async Task JudgeAsync(NfsConnection connection, SessionId session, NfsStatus status)
    {
        string? witness;
        bool mayLead;
        lock (context.Gate)
        {
            if (!IsCurrent(session))
            {
                context.Wake.Set();
                return;
            }
            witness = connections.Pick()?.Connector.Server;
            mayLead = paths.MayLead(connection);
        }
        if (witness is null)
        {
            if (mayLead)
                connections.LoseSession(new SessionLostException(status), keep: connection);
            else
                connection.Abort("does not know the session, and no other path is up to tell whether it is the same server");
            return;
        }
        if (!await HasSessionElsewhereAsync())
        {
            connection.Abort("does not know the session");
            return;
        }
        lock (context.Gate)
        {
            if (!IsCurrent(session) || connection.State != ConnectionState.Connected)
                return;
            PathJudge.Exclude(connection, witness);
        }
        connection.Abort($"another server than {witness}; not used");
    }

    /// <summary>Tells whether the session is still the current one. The gate is held.</summary>
    private bool IsCurrent(SessionId session) => context.State.HasSession && session == identity.Session;

    /// <summary>Asks, over any connection of the session, whether the session still exists.</summary>
    private async Task<bool> HasSessionElsewhereAsync()
    {
        CompoundCall call = calls.Within(static (ref _) => { });
        ValueTask<NfsStatus> completion = call.Completion;
        queue.Submit(call);
        try
        {
            return await completion == NfsStatus.Ok;
        }
        catch (NfsException)
        {
            // The client was closed.
            return false;
        }
    }
}
