using Lofizone.Nfs;

namespace Lofizone.Shares;

/// <summary>One session with a server, used by all shares that are open on it. An unused session ends after a while.</summary>
/// <param name="client">The session's client. This object ends the client.</param>
/// <param name="options">The options of the client.</param>
/// <param name="retire">Called before an unused session ends. No caller may take the session any more.</param>
internal sealed class ShareSession(NfsClient client, NfsShareOptions options, Action<ShareSession> retire)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _directories = new(StringComparer.Ordinal);
    private ITimer? _idle;
    private Task? _ended;
    private int _users;
    private bool _abandoned;

    public NfsClient Client => client;

    public NfsShareOptions Options => options;

    /// <summary>Adds a user of the session. False when the session ends or has ended.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_ended is not null)
                return false;
            _users++;
            _idle?.Dispose();
            _idle = null;
            return true;
        }
    }

    /// <summary>
    /// True when this session has seen that the path is a directory. A share whose directory is removed later fails at its first file.
    /// </summary>
    public bool Knows(string path)
    {
        lock (_gate)
            return _directories.Contains(path);
    }

    public void Learn(string path)
    {
        lock (_gate)
            _directories.Add(path);
    }

    /// <summary>Ends the session with its last user. A session without a user ends at once, in the background.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _abandoned = true;
            if (_users == 0)
                End();
        }
    }

    public ValueTask GiveBackAsync()
    {
        lock (_gate)
        {
            if (--_users == 0 && _abandoned)
                return new ValueTask(End());
            if (_users == 0)
                _idle = options.TimeProvider.CreateTimer(_ => EndIdle(), null, OpenShares.IdleLimit, Timeout.InfiniteTimeSpan);
            return default;
        }
    }

    public Task EndAsync()
    {
        lock (_gate)
            return End();
    }

    private void EndIdle()
    {
        retire(this);
        lock (_gate)
        {
            if (_users == 0)
                End();
        }
    }

    private Task End()
    {
        _idle?.Dispose();
        return _ended ??= client.DisposeAsync().AsTask();
    }
}
