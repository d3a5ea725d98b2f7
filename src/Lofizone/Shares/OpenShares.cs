namespace Lofizone.Shares;

/// <summary>
/// The shares that one command has open. All that the command opens on one server, as one identity, goes over one session, which is kept
/// for the next use. A session that nobody uses ends after a while, off the command's way: a command that waits long for something else
/// holds no session, and the command's end waits for no server that has fallen silent meanwhile.
/// </summary>
/// <param name="options">How each session talks to its server; each has a client owner of its own, or two would end each other.</param>
public sealed class OpenShares(Func<NfsShareOptions> options) : IAsyncDisposable
{
    /// <summary>How long a session is kept for the next use: a step of a boot or an attach takes less, also on a busy host.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ShareSession> _sessions = new(StringComparer.Ordinal);

    public OpenShares()
        : this(() => new NfsShareOptions())
    {
    }

    /// <summary>The shares of this process, which is one command.</summary>
    public static OpenShares OfCommand { get; } = new();

    /// <summary>Opens the share named by <paramref name="uri"/>; the caller disposes of the share, and the session stays.</summary>
    /// <exception cref="LofizoneException">It can't be reached.</exception>
    public async Task<IShare> OpenAsync(ShareUri uri, CancellationToken cancellation)
    {
        if (!uri.IsNfs)
            return await Share.OpenAsync(uri, cancellation);
        string key = Key(uri);
        ShareSession? session = Take(key);
        if (session is null)
        {
            NfsShareOptions own = options();
            session = new ShareSession(await NfsShare.ConnectAsync(uri, own, cancellation), own, s => Retire(key, s));
            session.TryTake();
            Keep(key, session);
        }

        try
        {
            NfsShare share = await NfsShare.OverAsync(
                uri, session.Client, session.Options, session.GiveBackAsync, check: !session.Knows(uri.Path), cancellation);
            session.Learn(uri.Path);
            return share;
        }
        catch
        {
            await session.GiveBackAsync();
            throw;
        }
    }

    /// <summary>Ends all sessions, each within the client's own limit; to be called at the end of the command.</summary>
    public async ValueTask DisposeAsync()
    {
        ShareSession[] left;
        lock (_gate)
        {
            left = [.. _sessions.Values];
            _sessions.Clear();
        }

        await Task.WhenAll(left.Select(s => s.EndAsync()));
    }

    /// <summary>What one session can serve: the image's transport makes no difference to the files beside the image.</summary>
    private static string Key(ShareUri uri) => $"{uri.User}\n{uri.Group}\n{uri.Authority}";

    /// <summary>A session that is up; one that has lost its server is left to those who still use it.</summary>
    private ShareSession? Take(string key)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(key, out ShareSession? session))
                return null;
            if (session.Client.Statistics.IsConnected && session.TryTake())
                return session;
            _sessions.Remove(key);
            session.Abandon();
            return null;
        }
    }

    /// <summary>Two callers may have connected at once: the second one's session ends with its use.</summary>
    private void Keep(string key, ShareSession session)
    {
        lock (_gate)
        {
            if (!_sessions.TryAdd(key, session))
                session.Abandon();
        }
    }

    private void Retire(string key, ShareSession session)
    {
        lock (_gate)
        {
            if (_sessions.TryGetValue(key, out ShareSession? kept) && kept == session)
                _sessions.Remove(key);
        }
    }
}
