namespace Lofizone.Shares;

/// <summary>
/// The shares that one command has open. Shares on one server, opened as one identity, have one session together. The session stays for the
/// next share. A session without a share ends in the background after a while. So a command that waits long for something else holds no
/// session, and the end of the command does not wait for a server that is silent by then.
/// </summary>
/// <param name="options">
/// Makes the options of a session. Each session has a client owner of its own: a second client with the same client owner would end the
/// first client's session (RFC 8881 sections 18.35.4 and 18.36.4).
/// </param>
public sealed class OpenShares(Func<NfsShareOptions> options) : IAsyncDisposable
{
    /// <summary>Time for which a session without a share stays. A step of a boot or an attach takes less, also on a busy host.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ShareSession> _sessions = new(StringComparer.Ordinal);

    public OpenShares()
        : this(() => new NfsShareOptions())
    {
    }

    /// <summary>The shares of this process, which is one command.</summary>
    public static OpenShares OfCommand { get; } = new();

    /// <summary>Opens the share named by <paramref name="uri"/>. The caller disposes of the share, and the session stays.</summary>
    /// <exception cref="LofizoneException">The share can't be reached.</exception>
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

    /// <summary>Ends all sessions, each within the client's own time limit. The command calls this at its end.</summary>
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

    /// <summary>
    /// Shares with the same key have one session together. The image's transport makes no difference to the files beside the image.
    /// </summary>
    private static string Key(ShareUri uri) => $"{uri.User}\n{uri.Group}\n{uri.Authority}";

    /// <summary>
    /// Takes the session with the key, or returns null. A session that has lost its server gets no new share, and ends with its last one.
    /// </summary>
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

    /// <summary>
    /// Keeps a new session. Two callers may have connected at the same time: the session of the later caller ends with its share.
    /// </summary>
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
