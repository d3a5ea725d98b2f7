using Lofizone.Nfs;

namespace Lofizone.Shares;

/// <summary>One session with a server, lent to the shares that are open on it, and ended when it is not lent for a while.</summary>
/// <param name="client">Whose end is this object's matter.</param>
/// <param name="options">As the client's.</param>
/// <param name="retire">Called before it ends by itself: nobody may take it any more.</param>
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

    /// <summary>False when it ends or has ended.</summary>
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

    /// <summary>This path was seen to be a directory within this session: a file that is missing in it tells if it has gone.</summary>
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

    /// <summary>Ends when its last user has given it back; at once without any, while nobody waits.</summary>
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
