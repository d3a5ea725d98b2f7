using System.Security.Cryptography;
using System.Text;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Session;

/// <summary>
/// Tells paths to our server from paths to another one. What a server says of itself (owner and scope, RFC 8881 section 2.10.4) is a
/// hint only: two servers on one machine may say the same. The proof is our own session: who does not know it, while a path that has it
/// still gets answers, is another server, and gets no request of ours.
/// </summary>
internal sealed partial class NfsSession
{
    /// <summary>How long the start waits for paths that neither come up nor fail.</summary>
    private static readonly TimeSpan _settleDeadline = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    /// <summary>Digest of what the server said of itself; empty before.</summary>
    private string _serverIdentity = "";

    /// <summary>Refuses addresses of different servers; paths that are not up yet join later.</summary>
    private async Task CheckPathsAsync(CancellationToken cancellation)
    {
        if (_paths.Length == 1)
            return;
        SignalSettled();
        try
        {
            // Behind an await of its own, as in StartAsync.
            await AwaitSettledAsync().WaitAsync(_settleDeadline, _time, cancellation);
        }
        catch (TimeoutException)
        {
            // Nobody answers there, not even with a refusal: down.
        }
        lock (_gate)
        {
            if (Array.Find(_paths, path => path.DiffersFrom is not null) is { } foreign)
                throw new NfsPathsDifferException(foreign.DiffersFrom!, foreign.Connector.Server);
        }
    }

    private async Task AwaitSettledAsync() => await _settled.Task;

    private void SignalSettled()
    {
        lock (_gate)
        {
            if (!Array.TrueForAll(_connections, connection => connection.IsSettled))
                return;
        }
        _settled.TrySetResult();
    }

    /// <summary>The connection is part of the session. The gate is held.</summary>
    private void OnBound(NfsConnection connection)
    {
        connection.State = ConnectionState.Bound;
        connection.IsSettled = true;
        connection.Path.IsProven = true;
        connection.Path.DiffersFrom = null;
        Statistics.SetConnected(true);
        if (_paths.Length > 1 && Array.TrueForAll(_connections, other => other.IsSettled))
            _settled.TrySetResult();
    }

    /// <summary>
    /// After the first session only paths that were part of one may make the next: a server that restarts while an address moves to
    /// another server must not have its state reclaimed there. The gate is held.
    /// </summary>
    private bool MayLead(NfsConnection connection) =>
        _paths.Length == 1 || connection.Path.DiffersFrom is null && (!_connectedBefore || connection.Path.IsProven) && !IsOutvoted(connection.Path);

    /// <summary>The server behind the connection does not know the session: it has forgotten it, or it is another server.</summary>
    private async Task JudgeAsync(NfsConnection connection, SessionId session, NfsStatus status)
    {
        string? witness;
        bool mayLead;
        lock (_gate)
        {
            if (!_hasSession || session != _sessionId)
            {
                _wake.Set();
                return;
            }
            witness = Pick()?.Connector.Server;
            mayLead = MayLead(connection);
        }
        if (witness is null)
        {
            if (mayLead)
                LoseSession(new SessionLostException(status), keep: connection);
            else
                connection.Abort("does not know the session, and no other path is up to tell whether it is the same server");
            return;
        }
        if (!await HasSessionElsewhereAsync())
        {
            connection.Abort("does not know the session");
            return;
        }
        lock (_gate)
        {
            if (!_hasSession || session != _sessionId || connection.State != ConnectionState.Connected)
                return;
            connection.Path.DiffersFrom = witness;
            connection.Path.IsProven = false;
        }
        connection.Abort($"another server than {witness}; not used");
    }

    private async Task<bool> HasSessionElsewhereAsync()
    {
        try
        {
            return await ProbeAsync() == NfsStatus.Ok;
        }
        catch (NfsException)
        {
            // Closed meanwhile.
            return false;
        }
    }

    /// <summary>The leading connection's server has made us known under this identity.</summary>
    /// <exception cref="IOException">With several addresses: not the server we had.</exception>
    private void CheckIdentity(ExchangeId.Result server)
    {
        string identity = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(server.ServerOwner + "/" + server.ServerScope)));
        if (_serverIdentity.Length > 0 && _serverIdentity != identity && _paths.Length > 1)
        {
            lock (_gate)
            {
                _leader!.Path.DiffersFrom = Server;
                _leader.Path.IsProven = false;
            }
            _leader.Abort("another server than before; not used");
            throw new IOException($"another server answers at {_leader.Connector.Server}");
        }
        _serverIdentity = identity;
    }

    /// <summary>Connections that wait for the word of another path get none when no path is up: they ask again. The session's gate is not held.</summary>
    private void RetryDoubtful()
    {
        foreach (NfsConnection connection in _connections)
        {
            lock (_gate)
            {
                if (!_hasSession || HasBound() || connection.State != ConnectionState.Connected || connection.Control is not null)
                    continue;
            }
            connection.Shutdown();
        }
    }
}
