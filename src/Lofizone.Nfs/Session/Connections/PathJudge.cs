using Lofizone.Basics;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>
/// Tells paths to the right server from paths to another server. The server's own statements (owner and scope, RFC 8881 section 2.10.4) are
/// hints only: two servers on one machine may state the same. The client's session is the proof. A server that does not know the session,
/// while a path that has the session still gets answers, is another server. That server gets no request.
/// </summary>
/// <remarks>
/// After a kill of this process's predecessor an address may have moved to another server. Only BIND_CONN_TO_SESSION with the predecessor's
/// session proves a path then. A server that does not know that session is another server, or the right server after a restart. The answer
/// counts as a restart only when no path that is up knows the session, and when the server's own statements have not changed.
/// </remarks>
internal sealed class PathJudge(SessionContext context, ClientIdentity identity, ConnectionSet connections)
{
    /// <summary>Time that the start waits for paths that neither come up nor fail.</summary>
    private static readonly TimeSpan _settleDeadline = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Time for which a path that does not know the predecessor's session may not make the next session, while other paths are not up yet.
    /// </summary>
    private static readonly TimeSpan _witnessDeadline = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Completes when the wait for paths that may know the predecessor's session ends; null when there is no such wait. Guarded by the
    /// session's gate.
    /// </summary>
    private Task? _witnessWait;

    private bool IsSinglePath => connections.Paths.Length == 1;

    /// <summary>Refuses addresses of different servers. Paths that are not up yet join later.</summary>
    public async Task CheckPathsAsync(CancellationToken cancellation)
    {
        if (IsSinglePath)
            return;
        SignalSettled();
        try
        {
            // The await stands alone for the reason that NfsSession.StartAsync names.
            await AwaitSettledAsync().WaitAsync(_settleDeadline, context.Time, cancellation);
        }
        catch (TimeoutException)
        {
            // The address gives no answer, not even a refusal, so the path is down.
        }
        lock (context.Gate)
        {
            if (Array.Find(connections.Paths, path => path.DiffersFrom is not null) is { } foreign)
                throw new NfsPathsDifferException(foreign.DiffersFrom!, foreign.Connector.Server);
        }
    }

    /// <summary>Wakes the waiter for settled paths, if all connections are settled now. The session's gate is not held.</summary>
    public void SignalSettled()
    {
        lock (context.Gate)
        {
            if (!connections.AreAll(connection => connection.IsSettled))
                return;
        }
        _settled.TrySetResult();
    }

    /// <summary>Notes that the connection is part of the session. The session's gate is held.</summary>
    public void OnBound(NfsConnection connection)
    {
        connection.State = ConnectionState.Bound;
        connection.IsSettled = true;
        connection.Path.IsProven = true;
        connection.Path.DiffersFrom = null;
        context.Statistics.SetConnected(true);
        if (!IsSinglePath && connections.AreAll(other => other.IsSettled))
            _settled.TrySetResult();
    }

    /// <summary>
    /// Tells whether the connection's path may make the next session. After the first session only paths that were part of a session may.
    /// Otherwise the client could reclaim its state on a wrong server, when the right server restarts while an address moves. The session's
    /// gate is held.
    /// </summary>
    public bool MayLead(NfsConnection connection) =>
        IsSinglePath
        || connection.Path.DiffersFrom is null && (!context.State.WasOpen || connection.Path.IsProven) && !IsOutvoted(connection.Path);

    /// <summary>Notes that the connection leads to another server than the path that has the session. The session's gate is held.</summary>
    public static void Exclude(NfsConnection connection, string witness)
    {
        connection.Path.DiffersFrom = witness;
        connection.Path.IsProven = false;
    }

    /// <summary>Compares the statements of the leading connection's server with the known server.</summary>
    /// <exception cref="IOException">The client has several addresses, and this server is not the known server.</exception>
    public void CheckIdentity(NfsConnection leader, ExchangeId.Result server)
    {
        string said = Convert.ToHexString(Digests.Sha256(server.ServerOwner + "/" + server.ServerScope));
        if (identity.ServerIdentity.Length > 0 && identity.ServerIdentity != said && !IsSinglePath)
        {
            lock (context.Gate)
                Exclude(leader, context.Server);
            leader.Abort("another server than before; not used");
            throw new IOException($"another server answers at {leader.Connector.Server}");
        }
        identity.ServerIdentity = said;
    }

    /// <summary>The leading connection's server does not know the session that was given up.</summary>
    /// <exception cref="IOException">
    /// The session is a predecessor's. The client asks another path before it believes the answer.
    /// </exception>
    public void OnSessionUnknown(NfsConnection leader)
    {
        if (!context.State.Has(RecoveryWork.TakeOver) || IsSinglePath)
            return;
        lock (context.Gate)
        {
            if (!leader.Path.DeniesSession)
                _witnessWait ??= EndWitnessWaitAsync();
            leader.Path.DeniesSession = true;
            if (MayLead(leader))
                return;
        }
        throw new IOException($"{leader.Connector.Server} does not know the session; other paths are asked first");
    }

    /// <summary>
    /// The leading connection's server knows the session. A path whose server does not know the session leads to another server.
    /// </summary>
    public void OnSessionKnown(NfsConnection leader)
    {
        if (!context.State.Has(RecoveryWork.TakeOver) || IsSinglePath)
            return;
        lock (context.Gate)
        {
            foreach (NfsPath path in connections.Paths)
                path.IsProven &= !path.DeniesSession;
            leader.Path.IsProven = true;
        }
    }

    private async Task AwaitSettledAsync() => await _settled.Task;

    /// <summary>Tells whether the path must wait for other paths that may know the session. The session's gate is held.</summary>
    private bool IsOutvoted(NfsPath path) =>
        path.DeniesSession && _witnessWait is not null && !Array.TrueForAll(connections.Paths, other => other.DeniesSession);

    private async Task EndWitnessWaitAsync()
    {
        try
        {
            await Task.Delay(_witnessDeadline, context.Time, context.Stop);
        }
        catch (OperationCanceledException)
        {
            // The client is closed.
            return;
        }
        lock (context.Gate)
            _witnessWait = null;
        context.Wake.Set();
    }
}
