namespace Lofizone.Nfs.Session.State;

/// <summary>
/// The phase of a session, the phases that may follow, and the work of the recovery. Phases change with the session's gate held. Any thread
/// may add and remove work at any time.
/// </summary>
internal sealed class SessionState
{
    private volatile SessionPhase _phase;
    private volatile SessionLostException? _loss;
    private int _work;
    private long _epoch;

    public SessionPhase Phase => _phase;

    /// <summary>
    /// The server has given this client a session that is not given up. Callers' requests go only when the session is also open.
    /// </summary>
    public bool HasSession => _phase is SessionPhase.Restoring or SessionPhase.Draining or SessionPhase.Open;

    public bool IsOpen => _phase == SessionPhase.Open;

    public bool IsClosed => _phase == SessionPhase.Closed;

    /// <summary>A session was open before, in this process or in its predecessor. From then on a failure is waited out.</summary>
    public bool WasOpen { get; private set; }

    /// <summary>Reason why the last session was given up.</summary>
    public SessionLostException Loss => _loss ?? new SessionLostException(Protocol.NfsStatus.BadSession);

    public RecoveryWork Work => (RecoveryWork)Volatile.Read(ref _work);

    /// <summary>
    /// Number of the incarnation of session and state; grows when either is replaced. Requests that were encoded for an older epoch are
    /// never sent.
    /// </summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>
    /// Tells whether <paramref name="to"/> may follow <paramref name="from"/>. <see cref="SessionPhase.Closed"/> may follow every other
    /// phase.
    /// </summary>
    public static bool MayFollow(SessionPhase from, SessionPhase to) => from switch
    {
        SessionPhase.Closed => false,
        _ when to == SessionPhase.Closed => true,
        SessionPhase.Idle => to is SessionPhase.Connecting or SessionPhase.Lost,
        SessionPhase.Connecting => to is SessionPhase.Creating,
        SessionPhase.Lost => to is SessionPhase.Ending,
        SessionPhase.Ending => to is SessionPhase.Creating or SessionPhase.Lost,
        SessionPhase.Creating => to is SessionPhase.Restoring or SessionPhase.Connecting,
        SessionPhase.Restoring => to is SessionPhase.Draining or SessionPhase.Open or SessionPhase.Lost,
        SessionPhase.Draining => to is SessionPhase.Restoring or SessionPhase.Lost,
        SessionPhase.Open => to is SessionPhase.Restoring or SessionPhase.Lost,
        _ => throw new ArgumentOutOfRangeException(nameof(from)),
    };

    /// <exception cref="InvalidOperationException">The phase may not follow the current phase, which is a bug.</exception>
    public void Enter(SessionPhase next)
    {
        if (!MayFollow(_phase, next))
            throw new InvalidOperationException($"a session does not go from {_phase} to {next}");
        _phase = next;
        WasOpen |= next == SessionPhase.Open;
    }

    /// <summary>Like <see cref="Enter"/>, on the session's thread, while other threads may lose or close the session.</summary>
    /// <exception cref="SessionLostException">Another thread has lost the session.</exception>
    /// <exception cref="IOException">The client was closed.</exception>
    public void Proceed(SessionPhase next)
    {
        ThrowIfClosed();
        if (_phase == SessionPhase.Lost && next != SessionPhase.Ending)
            throw Loss;
        Enter(next);
    }

    /// <exception cref="IOException">The client is closed.</exception>
    public void ThrowIfClosed()
    {
        if (IsClosed)
            throw new IOException("the client is closed");
    }

    /// <exception cref="SessionLostException">There is no session.</exception>
    /// <exception cref="IOException">The client is closed.</exception>
    public void RequireSession()
    {
        ThrowIfClosed();
        if (!HasSession)
            throw Loss;
    }

    /// <summary>Takes over the session of another process. The client waits for its server without limit.</summary>
    /// <param name="mayExist">The server may still know the session.</param>
    public void Inherit(bool mayExist)
    {
        WasOpen = true;
        Enter(mayExist ? SessionPhase.Lost : SessionPhase.Connecting);
    }

    public void Lose(SessionLostException loss)
    {
        Enter(SessionPhase.Lost);
        _loss = loss;
    }

    /// <summary>Returns to the phase from which the session's thread starts again after a failure.</summary>
    public void FallBack()
    {
        switch (_phase)
        {
            case SessionPhase.Ending:
                Enter(SessionPhase.Lost);
                break;
            case SessionPhase.Creating:
                Enter(SessionPhase.Connecting);
                break;
            case SessionPhase.Draining:
                Enter(SessionPhase.Restoring);
                break;
        }
    }

    public void Close()
    {
        if (!IsClosed)
            Enter(SessionPhase.Closed);
    }

    public bool Has(RecoveryWork any) => (Work & any) != 0;

    public void Add(RecoveryWork work) => Interlocked.Or(ref _work, (int)work);

    public void Remove(RecoveryWork work) => Interlocked.And(ref _work, (int)~work);

    /// <summary>Notes that the server has forgotten all opens and locks, also those that were just reclaimed.</summary>
    public void ReclaimAll()
    {
        Add(RecoveryWork.Reclaim);
        Remove(RecoveryWork.CompleteReclaim);
    }

    /// <summary>Has every request that is encoded and not sent yet encoded anew.</summary>
    public void Advance() => Interlocked.Increment(ref _epoch);
}
