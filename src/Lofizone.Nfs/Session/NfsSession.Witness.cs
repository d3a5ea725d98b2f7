namespace Lofizone.Nfs.Session;

/// <summary>
/// After a kill: which of several paths lead to the predecessor's server. An address may have moved to another server meanwhile, so
/// nothing is proved but by BIND_CONN_TO_SESSION of the predecessor's session. A server that does not know it is another one, or ours
/// after a restart: only when no path that is up knows it, it is a restart, and what the server says of itself must not have changed.
/// </summary>
internal sealed partial class NfsSession
{
    /// <summary>How long a path that does not know the session is kept from making the next one while others are not up yet.</summary>
    private static readonly TimeSpan _witnessDeadline = TimeSpan.FromSeconds(2);

    private bool _awaitsWitness;

    /// <summary>The leading connection's server does not know the predecessor's session.</summary>
    /// <exception cref="IOException">Another path is to be asked before that is believed.</exception>
    private void OnSessionUnknown()
    {
        if (!_takeOver || _paths.Length == 1)
            return;
        lock (_gate)
        {
            NfsPath asked = _leader!.Path;
            if (!_awaitsWitness && !asked.DeniesSession)
            {
                _awaitsWitness = true;
                _ = EndWitnessWaitAsync();
            }
            asked.DeniesSession = true;
            if (MayLead(_leader))
                return;
        }
        throw new IOException($"{_leader.Connector.Server} does not know the session; other paths are asked first");
    }

    /// <summary>The leading connection's server knows the predecessor's session: a path that does not leads to another server.</summary>
    private void OnSessionKnown()
    {
        if (!_takeOver || _paths.Length == 1)
            return;
        lock (_gate)
        {
            foreach (NfsPath path in _paths)
                path.IsProven &= !path.DeniesSession;
            _leader!.Path.IsProven = true;
        }
    }

    /// <summary>The path must wait for others that may know the session. The gate is held.</summary>
    private bool IsOutvoted(NfsPath path) => path.DeniesSession && _awaitsWitness && !Array.TrueForAll(_paths, other => other.DeniesSession);

    private async Task EndWitnessWaitAsync()
    {
        try
        {
            await Task.Delay(_witnessDeadline, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Closed.
            return;
        }
        lock (_gate)
            _awaitsWitness = false;
        _wake.Set();
    }
}
