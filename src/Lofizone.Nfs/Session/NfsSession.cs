using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Recovery;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Statistics;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>
/// Client ID, session and connections to one server (RFC 8881 section 2.10). Callers submit COMPOUNDs; each connection's thread receives
/// and completes the waiting calls inline; the session's thread makes the session and recovers it, once for all connections.
/// This class puts the parts together; what they share is in <see cref="SessionContext"/>.
/// </summary>
internal sealed class NfsSession : IAsyncDisposable
{
    private readonly SessionContext _context;
    private readonly ClientIdentity _identity;
    private readonly CallMaker _calls;
    private readonly ConnectionSet _connections;
    private readonly ConnectionMonitor _monitor;
    private readonly PathJudge _paths;
    private readonly ControlCalls _control;
    private readonly CallQueue _queue;
    private readonly LeaseRenewal _lease;
    private readonly RecoveryCalls _requests;
    private readonly SessionMaker _maker;
    private readonly StateRestorer _restorer;
    private readonly Recoverer _recoverer;
    private readonly SessionReceiver _receiver;
    private readonly ServerSupport _support;

    public NfsSession(NfsClientOptions options, IReadOnlyList<IRpcConnector> paths)
    {
        _context = new SessionContext(options, string.Join(", ", paths.Select(path => path.Server)));
        _identity = new ClientIdentity(_context);
        _calls = new CallMaker(_context, _identity);
        _connections = new ConnectionSet(_context, paths);
        _monitor = new ConnectionMonitor(_context, _connections, _calls);
        _paths = new PathJudge(_context, _identity, _connections);
        _control = new ControlCalls(_context, _calls);
        _queue = new CallQueue(_context, _identity, _connections, _monitor, _calls);
        _lease = new LeaseRenewal(_context, _queue, _calls, _monitor);
        Binder binder = new(_context, _identity, _connections, _control, _paths, _queue, _calls);
        _requests = new RecoveryCalls(_context, _connections, _paths, _control, _queue);
        _maker = new SessionMaker(_context, _identity, _paths, _queue, _calls, binder, _requests, _lease);
        _restorer = new StateRestorer(_context, _identity, _queue, _calls, _requests);
        _recoverer = new Recoverer(_context, _connections, _queue, _maker, _restorer, _requests);
        StatusFlags flags = new(_context, _lease);
        _receiver = new SessionReceiver(_context, _identity, _connections, _paths, _queue, binder, _recoverer, _lease, flags);
        _support = new ServerSupport(_context, _identity);
    }

    public NfsStatistics Statistics => _context.Statistics;

    /// <summary>Host and port of each path, for messages.</summary>
    public string Server => _context.Server;

    public NfsClientOptions Options => _context.Options;

    public int MinorVersion => _identity.MinorVersion;

    public ulong ClientId => _identity.ClientId;

    /// <summary>Largest data of one READ the session can carry, in bytes.</summary>
    public int MaxReadBytes => _maker.MaxReadBytes;

    /// <summary>Largest data of one WRITE the session can carry, in bytes.</summary>
    public int MaxWriteBytes => _maker.MaxWriteBytes;

    /// <summary>Operations in one COMPOUND the session can carry.</summary>
    public int MaxOperations => _maker.MaxOperations;

    /// <summary>See <see cref="SessionState.Epoch"/>.</summary>
    public long Epoch => _context.State.Epoch;

    /// <summary>A COMPOUND of SEQUENCE alone is under way.</summary>
    public bool IsRenewing => _lease.IsRenewing;

    /// <summary>Completes when the session is there for the first time; a resumed one can take as long as the server is away.</summary>
    public Task WhenReady => _recoverer.WhenReady;

    /// <summary>See <see cref="LeaseRenewal.OnQuiet"/>.</summary>
    public Action OnQuiet
    {
        get => _lease.OnQuiet;
        set => _lease.OnQuiet = value;
    }

    /// <summary>Connects and completes when the session is up, or throws what went wrong.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        StartThreads(state => state.Enter(SessionPhase.Connecting));
        try
        {
            // WaitAsync only behind an await of its own: it would take the continuation to the thread pool whatever the caller's context
            // is.
            await AwaitReadyAsync().WaitAsync(Options.SetupDeadline, _context.Time, cancellation);
        }
        catch (TimeoutException error)
        {
            throw new NfsUnreachableException(Server, "CONNECT", $"no answer within {Options.SetupDeadline.TotalSeconds:0.#} s", error);
        }
        await _paths.CheckPathsAsync(cancellation);
    }

    /// <summary>
    /// Begins as the successor of the process that kept <paramref name="kept"/>: same client to the server, no session yet, and hard
    /// semantics from the start. The old session is destroyed before anything else is sent, so that no request of the predecessor that
    /// is still on its way can be executed after one of ours. Does not wait; requests wait until the session is there.
    /// </summary>
    /// <param name="kept">What was kept.</param>
    /// <param name="resend">Uncommitted data must be written again before anything else.</param>
    public void Resume(NfsResumeState kept, bool resend)
    {
        _identity.Inherit(kept);
        // The predecessor told other servers apart when it began. What has changed since is found out before the old session is given up
        // (PathJudge).
        foreach (NfsPath path in _connections.Paths)
            path.IsProven = true;
        StartThreads(state =>
        {
            state.Add(RecoveryWork.TakeOver);
            if (kept.ReclaimNeeded)
                state.Add(kept.StateReclaimed ? RecoveryWork.CompleteReclaim : RecoveryWork.Reclaim);
            if (resend || kept.ResendNeeded)
                state.Add(RecoveryWork.FinishResend);
            state.Inherit(mayExist: kept.Session != default);
        });
    }

    /// <summary>Starts encoding a request within the session.</summary>
    public XdrWriter Begin(CompoundCall call, bool cache, bool inline) => _calls.Begin(call, cache, inline);

    /// <summary>Sends the call in a slot, or keeps it until one is free and the session is up. Never waits.</summary>
    public void Submit(CompoundCall call) => _queue.Submit(call);

    /// <summary>Sends a call of the recovery itself and waits for its answer; see <see cref="RecoveryCalls.Execute"/>.</summary>
    public NfsStatus Execute(CompoundCall call) => _requests.Execute(call);

    /// <summary>Waits on the session's thread, for a server that says DELAY or GRACE.</summary>
    public void Pause(TimeSpan time) => _context.Pause(time);

    /// <summary>Has the state recovered whenever the server restarts.</summary>
    public void Register(IRecoverable state) => _restorer.Register(state);

    public void Unregister(IRecoverable state) => _restorer.Unregister(state);

    /// <summary>
    /// Has state that the server has dropped taken up again, or its files fenced, and all uncommitted data written again with nothing else
    /// in flight, because the write verifier has changed. Completes when that is through.
    /// </summary>
    public Task ResendUncommittedAsync() => _restorer.ResendAsync();

    /// <summary>
    /// The server does not take the client ID for new state any more, although it still answers in the session: the next session begins
    /// with
    /// EXCHANGE_ID. Only on the session's thread; the caller throws what is returned.
    /// </summary>
    public SessionLostException ForgetClient(NfsStatus status)
    {
        _identity.Forget();
        return new SessionLostException(status);
    }

    /// <summary>
    /// As <see cref="ForgetClient"/>, and to the server a client that has restarted: it discards all that it still holds for the one before
    /// (RFC 8881 section 18.35.4, case 5).
    /// </summary>
    public SessionLostException StartOver(NfsStatus status)
    {
        _identity.StartOver();
        return new SessionLostException(status);
    }

    /// <summary>The one file that a successor could go on with has changed; null: there is none any more.</summary>
    public void KeepFile(NfsResumeState.FileState? file) => _identity.KeepFile(file);

    /// <summary>The statuses of an operation, or of a file system, that does not know it.</summary>
    public static bool IsUnsupported(NfsStatus status) => status is NfsStatus.NotSupp or NfsStatus.UnionNotSupp or NfsStatus.OpIllegal;

    public void NoteUnsupported(OperationCode code) => _support.NoteUnsupported(code);

    /// <summary>Throws when an operation of NFSv4.2 is known not to be there.</summary>
    /// <exception cref="NotSupportedException">It is not.</exception>
    public void RequireSupport(OperationCode code, string path) => _support.Require(code, path);

    /// <summary>Tells the server that client and session end here, if a connection is up; waits no longer than the cancellation.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        NfsConnection? connection;
        lock (_context.Gate)
            connection = _context.State.IsOpen ? _connections.Pick() : null;
        if (connection is null)
            return;
        CompoundCall session = _calls.Outside((ref writer) => Destroy.EncodeSession(ref writer, _identity.Session), inline: false);
        if (await _control.Submit(connection, session).AsTask().WaitAsync(cancellation) != NfsStatus.Ok)
            return;
        CompoundCall client = _calls.Outside((ref writer) => Destroy.EncodeClientId(ref writer, ClientId), inline: false);
        await _control.Submit(connection, client).AsTask().WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        bool started;
        lock (_context.Gate)
        {
            started = _context.State.Phase != SessionPhase.Idle;
            if (started)
                _context.State.Close();
        }
        _context.EndSleeps();
        _connections.Shutdown();
        _context.Wake.Set();
        if (started)
            await _recoverer.WhenEnded;
        _lease.Dispose();
        _monitor.Dispose();
        _context.Dispose();
    }

    /// <summary>What holds it up, for whoever debugs a client that hangs.</summary>
    public override string ToString()
    {
        lock (_context.Gate)
            return $"session {_context.State.Phase}, to do {_context.State.Work}, epoch {Epoch}, {_queue}; {_connections}";
    }

    /// <param name="begin">The first phase.</param>
    private void StartThreads(Action<SessionState> begin)
    {
        lock (_context.Gate)
            begin(_context.State);
        _recoverer.Start();
        _connections.Start(_receiver);
    }

    private async Task AwaitReadyAsync() => await _recoverer.WhenReady;
}
