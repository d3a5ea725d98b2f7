using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>
/// The session's connections (trunking, RFC 8881 section 2.10.5). Each new connection is bound to the session, and requests spread over the
/// bound connections. The session's gate guards which request is on which connection.
/// </summary>
internal sealed class ConnectionSet
{
    private readonly SessionContext _context;
    private readonly NfsConnection[] _all;
    private int _lastPicked;

    public ConnectionSet(SessionContext context, IReadOnlyList<IRpcConnector> paths)
    {
        _context = context;
        Paths = [.. paths.Select(path => new NfsPath(path))];
        IEnumerable<NfsPath> each = Enumerable.Repeat(Paths, context.Options.ConnectionsPerPath).SelectMany(all => all);
        _all = [.. each.Select((path, index) => new NfsConnection(context, path, index + 1))];
    }

    public NfsPath[] Paths { get; }

    public ReadOnlySpan<NfsConnection> All => _all;

    public void Start(IConnectionUser user)
    {
        foreach (NfsConnection connection in _all)
            connection.Start(user);
    }

    /// <summary>Tells whether all connections satisfy the test. The gate is held.</summary>
    public bool AreAll(Predicate<NfsConnection> test) => Array.TrueForAll(_all, test);

    /// <summary>The first connection that satisfies the test; null when there is none. The gate is held.</summary>
    public NfsConnection? Find(Predicate<NfsConnection> test) => Array.Find(_all, test);

    /// <summary>The bound connection with the least load; connections with equal load take turns. The gate is held.</summary>
    public NfsConnection? Pick()
    {
        NfsConnection? best = null;
        int count = _all.Length;
        for (int i = 1; i <= count; i++)
        {
            int at = _lastPicked + i;
            NfsConnection candidate = _all[at < count ? at : at - count];
            if (candidate.State == ConnectionState.Bound && (best is null || candidate.OutstandingBytes < best.OutstandingBytes))
                best = candidate;
        }
        if (count > 1 && best is not null)
            _lastPicked = Array.IndexOf(_all, best);
        return best;
    }

    /// <summary>Tells whether a connection is part of the session. The gate is held.</summary>
    public bool HasBound()
    {
        foreach (NfsConnection connection in _all)
        {
            if (connection.State == ConnectionState.Bound)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Ends all connections, so that no request of the old session is under way when the next session starts. Called when the session is
    /// gone, or the slots of server and client disagree.
    /// </summary>
    /// <param name="loss">The server's status.</param>
    /// <param name="keep">A connection that is not part of the session and may stay.</param>
    public void LoseSession(SessionLostException loss, NfsConnection? keep = null)
    {
        lock (_context.Gate)
        {
            if (!_context.State.HasSession)
                return;
            _context.State.Lose(loss);
            _context.Statistics.CountSessionLost();
            foreach (NfsConnection connection in _all)
            {
                if (connection != keep && connection.State is ConnectionState.Connected or ConnectionState.Bound)
                    connection.State = ConnectionState.Closing;
            }
        }
        Shutdown(keep);
        _context.Wake.Set();
    }

    /// <summary>Ends all connections but <paramref name="keep"/>. Connections that are still being made are not reached.</summary>
    public void Shutdown(NfsConnection? keep = null)
    {
        foreach (NfsConnection connection in _all)
        {
            if (connection != keep)
                connection.Shutdown();
        }
    }

    /// <summary>The state of each connection, for a person who debugs a hanging client. The gate is held.</summary>
    public override string ToString() => string.Join(", ", _all.Select(one =>
        $"{one.Connector.Server} {one.State}{(one.Control is null ? "" : " control")} ({one.Failure?.Message})"));
}
