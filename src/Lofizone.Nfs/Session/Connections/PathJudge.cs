using System.Security.Cryptography;
using System.Text;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>
/// Tells paths to our server from paths to another one. What a server says of itself (owner and scope, RFC 8881 section 2.10.4) is a
/// hint only: two servers on one machine may say the same. The proof is our own session: who does not know it, while a path that has it
/// still gets answers, is another server, and gets no request of ours.
/// </summary>
/// <remarks>
/// After a kill an address may have moved to another server, so nothing is proved but by BIND_CONN_TO_SESSION of the predecessor's
/// session. A server that does not know that session is another one, or ours after a restart. It counts as a restart only when no path
/// that is up knows the session, and what the server says of itself must not have changed.
/// </remarks>
internal sealed class PathJudge(SessionContext context, ClientIdentity identity, ConnectionSet connections)
{
    /// <summary>How long the start waits for paths that neither come up nor fail.</summary>
    private static readonly TimeSpan _settleDeadline = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a path that does not know the predecessor's session is kept from making the next one while others are not up yet.
    /// </summary>
    private static readonly TimeSpan _witnessDeadline = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Other paths are waited for that may know the predecessor's session; null when none is. Guarded by the session's gate.
    /// </summary>
    private Task? _witnessWait;

    private bool IsSinglePath => connections.Paths.Length == 1;

    /// <summary>Refuses addresses of different servers; paths that are not up yet join later.</summary>
    public async Task CheckPathsAsync(CancellationToken cancellation)
    {
        if (IsSinglePath)
            return;
        SignalSettled();
        try
        {
            // Behind an await of its own, as in NfsSession.StartAsync.
            await AwaitSettledAsync().WaitAsync(_settleDeadline, context.Time, cancellation);
        }
        catch (TimeoutException)
        {
            // Nobody answers there, not even with a refusal: down.
        }
        lock (context.Gate)
        {
            if (Array.Find(connections.Paths, path => path.DiffersFrom is not null) is { } foreign)
                throw new NfsPathsDifferException(foreign.DiffersFrom!, foreign.Connector.Server);
        }
    }

    /// <summary>Whether it is known of all connections if they can be used has perhaps changed. The session's gate is not held.</summary>
    public void SignalSettled()
    {
        lock (context.Gate)
        {
            if (!connections.AreAll(connection => connection.IsSettled))
                return;
        }
        _settled.TrySetResult();
    }

    /// <summary>The connection is part of the session. The session's gate is held.</summary>
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
    /// After the first session only paths that were part of one may make the next: a server that restarts while an address moves to
    /// another server must not have its state reclaimed there. The session's gate is held.
    /// </summary>
    public bool MayLead(NfsConnection connection) =>
        IsSinglePath
        || connection.Path.DiffersFrom is null && (!context.State.WasOpen || connection.Path.IsProven) && !IsOutvoted(connection.Path);

    /// <summary>The connection leads to another server than the path that has the session. The session's gate is held.</summary>
    public static void Exclude(NfsConnection connection, string witness)
    {
        connection.Path.DiffersFrom = witness;
        connection.Path.IsProven = false;
    }

    /// <summary>The leading connection's server says this of itself.</summary>
    /// <exception cref="IOException">With several addresses: not the server we had.</exception>
    public void CheckIdentity(NfsConnection leader, ExchangeId.Result server)
    {
        string said = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(server.ServerOwner + "/" + server.ServerScope)));
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
    /// <exception cref="IOException">It is a predecessor's session, and another path is to be asked before that is believed.</exception>
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

    /// <summary>The leading connection's server knows the session: a path that does not leads to another server.</summary>
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

    /// <summary>The path must wait for others that may know the session. The session's gate is held.</summary>
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
            // Closed.
            return;
        }
        lock (context.Gate)
            _witnessWait = null;
        context.Wake.Set();
    }
}
