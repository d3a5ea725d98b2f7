using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Connections;

/// <summary>
/// The session's connections (trunking, RFC 8881 section 2.10.5): each new one is bound to the session, and requests spread over the bound
/// ones. Which request is on which connection is looked up and changed with the session's gate held.
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

    /// <summary>All connections are as asked. The gate is held.</summary>
    public bool AreAll(Predicate<NfsConnection> test) => Array.TrueForAll(_all, test);

    /// <summary>The first connection that is as asked; null when there is none. The gate is held.</summary>
    public NfsConnection? Find(Predicate<NfsConnection> test) => Array.Find(_all, test);

    /// <summary>The bound connection with the least to do; in turn when several have equally much. The gate is held.</summary>
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

    /// <summary>A connection is part of the session. The gate is held.</summary>
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
    /// The session is gone, or its slots and ours disagree. Ends all connections, so that nothing of the old session is under way when
    /// the next one starts.
    /// </summary>
    /// <param name="loss">What the server said.</param>
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

    /// <summary>Ends all connections but one; those that are being made are not reached.</summary>
    public void Shutdown(NfsConnection? keep = null)
    {
        foreach (NfsConnection connection in _all)
        {
            if (connection != keep)
                connection.Shutdown();
        }
    }

    /// <summary>The connections as they are, for whoever debugs a client that hangs. The gate is held.</summary>
    public override string ToString() => string.Join(", ", _all.Select(one =>
        $"{one.Connector.Server} {one.State}{(one.Control is null ? "" : " control")} ({one.Failure?.Message})"));
}
