namespace Lofizone.Nfs.Session.State;

/// <summary>
/// In which phase a session is, which may follow, and what the recovery has to do. Phases change with the session's gate held.
/// Work may be added and removed at any time, from any thread.
/// </summary>
internal sealed class SessionState
{
    private volatile SessionPhase _phase;
    private volatile SessionLostException? _loss;
    private int _work;
    private long _epoch;

    public SessionPhase Phase => _phase;

    /// <summary>
    /// The server has given us a session that is not given up. Requests of callers go only when the session is open, too.
    /// </summary>
    public bool HasSession => _phase is SessionPhase.Restoring or SessionPhase.Draining or SessionPhase.Open;

    public bool IsOpen => _phase == SessionPhase.Open;

    public bool IsClosed => _phase == SessionPhase.Closed;

    /// <summary>A session was open before, here or in the process that had it: from then on a failure is waited out.</summary>
    public bool WasOpen { get; private set; }

    /// <summary>Why the last session was given up.</summary>
    public SessionLostException Loss => _loss ?? new SessionLostException(Protocol.NfsStatus.BadSession);

    public RecoveryWork Work => (RecoveryWork)Volatile.Read(ref _work);

    /// <summary>Grows when session or state are replaced; requests encoded for an older one are never sent.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>
    /// Whether a session may go from the one phase to the other. All phases but <see cref="SessionPhase.Closed"/> may end there.
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

    /// <exception cref="InvalidOperationException">The phase may not follow the current one: a bug.</exception>
    public void Enter(SessionPhase next)
    {
        if (!MayFollow(_phase, next))
            throw new InvalidOperationException($"a session does not go from {_phase} to {next}");
        _phase = next;
        WasOpen |= next == SessionPhase.Open;
    }

    /// <summary>As <see cref="Enter"/>, on the session's thread, which others may overtake.</summary>
    /// <exception cref="SessionLostException">The session was lost meanwhile.</exception>
    /// <exception cref="IOException">The client was closed meanwhile.</exception>
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

    /// <summary>The session of another process is gone on with, and its server waited for without limit.</summary>
    /// <param name="mayExist">The server may still know that session.</param>
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

    /// <summary>What the session's thread was about has failed: the phase from which it starts again.</summary>
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

    /// <summary>The server has forgotten all opens and locks, also those that were reclaimed a moment ago.</summary>
    public void ReclaimAll()
    {
        Add(RecoveryWork.Reclaim);
        Remove(RecoveryWork.CompleteReclaim);
    }

    /// <summary>Has every request that is encoded and not sent yet encoded anew.</summary>
    public void Advance() => Interlocked.Increment(ref _epoch);
}
