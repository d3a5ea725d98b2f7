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
/// Client ID, session and connections to one server (RFC 8881 section 2.10). Callers submit COMPOUNDs. Each connection's thread receives
/// replies and completes their calls inline. The session's thread makes the session and recovers it, once for all connections. This class
/// puts the parts together. <see cref="SessionContext"/> holds the state that all parts share.
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

    /// <summary>Largest data of one READ that the session can carry, bytes.</summary>
    public int MaxReadBytes => _maker.MaxReadBytes;

    /// <summary>Largest data of one WRITE that the session can carry, bytes.</summary>
    public int MaxWriteBytes => _maker.MaxWriteBytes;

    /// <summary>Number of operations in one COMPOUND that the session can carry.</summary>
    public int MaxOperations => _maker.MaxOperations;

    /// <summary>See <see cref="SessionState.Epoch"/>.</summary>
    public long Epoch => _context.State.Epoch;

    /// <summary>A COMPOUND of SEQUENCE alone, which renews the lease, is under way.</summary>
    public bool IsRenewing => _lease.IsRenewing;

    /// <summary>Completes when there is a session for the first time. A resumed session can take as long as the server is away.</summary>
    public Task WhenReady => _recoverer.WhenReady;

    /// <summary>See <see cref="LeaseRenewal.OnQuiet"/>.</summary>
    public Action OnQuiet
    {
        get => _lease.OnQuiet;
        set => _lease.OnQuiet = value;
    }

    /// <summary>Connects, and completes when there is a session. Throws the reason of a failure.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        StartThreads(state => state.Enter(SessionPhase.Connecting));
        try
        {
            // WaitAsync stands behind an await of its own. Without that await, WaitAsync would take the continuation to the thread pool,
            // whatever the caller's context is.
            await AwaitReadyAsync().WaitAsync(Options.SetupDeadline, _context.Time, cancellation);
        }
        catch (TimeoutException error)
        {
            throw new NfsUnreachableException(Server, "CONNECT", $"no answer within {Options.SetupDeadline.TotalSeconds:0.#} s", error);
        }
        await _paths.CheckPathsAsync(cancellation);
    }

    /// <summary>
    /// Begins as the successor of the process that kept <paramref name="kept"/>: as the same client, without a session yet, and with hard
    /// semantics from the start. The old session is destroyed before any other request is sent. So the server can't execute a late request
    /// of the predecessor after a request of this process. The method does not wait; requests wait until there is a session.
    /// </summary>
    /// <param name="kept">The predecessor's state.</param>
    /// <param name="resend">Uncommitted data must be written again before anything else.</param>
    public void Resume(NfsResumeState kept, bool resend)
    {
        _identity.Inherit(kept);
        // The predecessor told other servers apart when it began. PathJudge finds later changes before the old session is given up.
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

    /// <summary>Sends a call of the recovery and waits for the answer; see <see cref="RecoveryCalls.Execute"/>.</summary>
    public NfsStatus Execute(CompoundCall call) => _requests.Execute(call);

    /// <summary>Waits on the session's thread, after an answer of NFS4ERR_DELAY or NFS4ERR_GRACE.</summary>
    public void Pause(TimeSpan time) => _context.Pause(time);

    /// <summary>Registers state for recovery after each restart of the server.</summary>
    public void Register(IRecoverable state) => _restorer.Register(state);

    public void Unregister(IRecoverable state) => _restorer.Unregister(state);

    /// <summary>
    /// Recovers state that the server has dropped, or fences the files of that state. Then writes all uncommitted data again with no other
    /// request in flight, because the write verifier has changed. Completes when both are done.
    /// </summary>
    public Task ResendUncommittedAsync() => _restorer.ResendAsync();

    /// <summary>
    /// The server does not accept the client ID for new state any more, although the server still answers in the session. The next session
    /// therefore begins with EXCHANGE_ID. Only for the session's thread. The caller throws the returned exception.
    /// </summary>
    public SessionLostException ForgetClient(NfsStatus status)
    {
        _identity.Forget();
        return new SessionLostException(status);
    }

    /// <summary>
    /// Does the work of <see cref="ForgetClient"/>, and presents this client as restarted. The server then discards all state of the former
    /// incarnation (RFC 8881 section 18.35.4, case 5).
    /// </summary>
    public SessionLostException StartOver(NfsStatus status)
    {
        _identity.StartOver();
        return new SessionLostException(status);
    }

    /// <summary>Notes a change of the one file that a successor could take over. Null: there is no such file any more.</summary>
    public void KeepFile(NfsResumeState.FileState? file) => _identity.KeepFile(file);

    /// <summary>The statuses by which a server, or a file system, says that it does not support an operation.</summary>
    public static bool IsUnsupported(NfsStatus status) => status is NfsStatus.NotSupp or NfsStatus.UnionNotSupp or NfsStatus.OpIllegal;

    public void NoteUnsupported(OperationCode code) => _support.NoteUnsupported(code);

    /// <summary>Throws when the server is known not to support this operation of NFSv4.2.</summary>
    /// <exception cref="NotSupportedException">The server does not support the operation.</exception>
    public void RequireSupport(OperationCode code, string path) => _support.Require(code, path);

    /// <summary>Tells the server that client and session end, if a connection is up. The cancellation bounds the wait.</summary>
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

    /// <summary>The reasons why the session waits, for a person who debugs a hanging client.</summary>
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
