using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Session;

/// <summary>The session's thread: makes the session on the first connection that is up, reclaims state, writes again what may be lost; once for all connections. Otherwise it sleeps.</summary>
internal sealed partial class NfsSession
{
    private static readonly TimeSpan _firstBackOff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestBackOff = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _delayPause = TimeSpan.FromMilliseconds(500);

    private readonly List<IRecoverable> _recoverables = [];
    private readonly List<CompoundCall> _lost = [];
    private readonly List<TaskCompletionSource> _resendWaiters = [];
    private readonly ThreadSignal _wake;
    private ITimer? _renewTimer;
    private volatile SessionLostException? _lossReason;
    private volatile bool _drains;
    private int _failures;
    private bool _hasSession;
    private bool _reclaimNeeded;
    private bool _stateReclaimed;
    private bool _resendNeeded;
    private volatile bool _resendWanted;
    private bool _connectedBefore;

    /// <summary>Has the state recovered whenever the server restarts.</summary>
    public void Register(IRecoverable state)
    {
        lock (_recoverables)
            _recoverables.Add(state);
    }

    public void Unregister(IRecoverable state)
    {
        lock (_recoverables)
            _recoverables.Remove(state);
    }

    /// <summary>Has all uncommitted data written again with nothing else in flight: the write verifier has changed.</summary>
    public Task ResendUncommittedAsync()
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_stopped)
                return Task.FromException(Closed());
            _resendWaiters.Add(done);
            _resendWanted = true;
        }
        _wake.Set();
        return done.Task;
    }

    /// <summary>
    /// Sends a call of the recovery itself and waits for its answer; only on the session's thread, while the session is not open for others.
    /// A call within the session survives the end of its connection like any other; one outside of it goes over the leading connection and fails with it.
    /// </summary>
    public NfsStatus Execute(CompoundCall call)
    {
        call.IsInternal = true;
        NfsConnection leader = _leader!;
        Task<NfsStatus> answer = call.HasSequence ? SubmitInternal(call).AsTask() : SubmitControl(leader, call).AsTask();
        _ = answer.ContinueWith(_ => _wake.Set(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        using ITimer watchdog = _time.CreateTimer(_ => Interrupt(call), null, _options.SetupDeadline, _options.SetupDeadline);
        while (!answer.IsCompleted)
        {
            _wake.Wait();
            lock (_gate)
            {
                if (_stopped)
                    throw new IOException("the client is closed");
                if (call.HasSequence && !_hasSession)
                    throw _lossReason!;
                // Answered before it was sent completely, then the connection ended: nobody is left to complete it.
                if (call.IsReplied && !call.IsPutOff && call.Connection is not { State: not ConnectionState.Down } && !answer.IsCompleted)
                    throw new IOException("the connection ended inside a request");
            }
        }
        return answer.GetAwaiter().GetResult();
    }

    private ValueTask<NfsStatus> SubmitInternal(CompoundCall call)
    {
        RpcSender? sender;
        ValueTask<NfsStatus> completion = call.Completion;
        lock (_gate)
        {
            if (!_hasSession)
                throw _lossReason ?? new SessionLostException(NfsStatus.BadSession);
            if (!TryTakeSlot(call, urgent: true))
                throw new SessionLostException(NfsStatus.BadSlot);
            // Without a connection it waits in its slot for the next one.
            sender = Pick() is { } connection ? Assign(call, connection) : null;
        }
        sender?.Send(call);
        return completion;
    }

    /// <summary>The server takes longer than allowed: another connection may do better.</summary>
    private void Interrupt(CompoundCall call)
    {
        NfsConnection? connection;
        lock (_gate)
            connection = call.Connection;
        connection?.Shutdown();
    }

    /// <summary>Waits on the session's thread, for a server that says DELAY or GRACE.</summary>
    public void Pause(TimeSpan time)
    {
        try
        {
            Threads.Sleep(time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            throw new IOException("the client is closed");
        }
    }

    private void Run()
    {
        try
        {
            while (WaitForWork())
            {
                try
                {
                    Recover();
                    continue;
                }
                catch (SessionLostException error)
                {
                    LoseSession(error);
                }
                catch (IOException error)
                {
                    if (!_connectedBefore && (error is NfsException { Status: not null } || HaveAllFailed()))
                    {
                        FailSetup(error);
                        return;
                    }
                    // What it said can't be worked with; only that very connection: its successor knows nothing of this.
                    _leaderChannel?.Shutdown();
                }
                BackOff();
            }
        }
        catch (IOException)
        {
            // Pause was ended by Dispose.
        }
        finally
        {
            EndConnections();
            EndAll();
            _ended.SetResult();
        }
    }

    /// <summary>Sleeps until there is something to recover on a connection that is up; false when the client is closed or nothing can be reached at the start.</summary>
    private bool WaitForWork()
    {
        while (true)
        {
            Exception? unreachable = null;
            lock (_gate)
            {
                if (_stopped || _stop.IsCancellationRequested)
                    return false;
                if (_hasSession ? (!_ready || MaintenanceWanted) && HasBound() : IsDrained() && FindLeader())
                    return true;
                if (!_connectedBefore && Array.TrueForAll(_connections, connection => connection.State == ConnectionState.Down && connection.Failure is not null))
                    unreachable = _connections[0].Failure;
            }
            if (unreachable is not null)
            {
                FailSetup(unreachable);
                return false;
            }
            _wake.Wait();
        }
    }

    /// <summary>Nothing of the former session is on any connection. The gate is held.</summary>
    private bool IsDrained() => Array.TrueForAll(_connections, connection => connection.State is ConnectionState.Down or ConnectionState.Connected);

    /// <summary>Chooses the connection on which the session is made. The gate is held.</summary>
    private bool FindLeader()
    {
        _leader = Array.Find(_connections, connection => connection.State == ConnectionState.Connected && connection.Control is null && MayLead(connection));
        _leaderChannel = _leader?.Channel;
        return _leader is not null;
    }

    private bool HaveAllFailed()
    {
        lock (_gate)
            return Array.TrueForAll(_connections, connection => connection == _leader || connection.State is ConnectionState.Down && connection.Failure is not null);
    }

    private void FailSetup(Exception error)
    {
        _setupFailure = error as NfsException ?? new NfsUnreachableException(Server, "CONNECT", error.Message, error);
        lock (_gate)
            _stopped = true;
        _firstReady.TrySetException(_setupFailure);
    }

    /// <summary>Makes the session usable: a new one if it is gone, with the state reclaimed if the server forgot it, and lost data written again.</summary>
    private void Recover()
    {
        bool hasSession;
        lock (_gate)
        {
            hasSession = _hasSession;
            _ready = false;
        }
        if (!hasSession)
        {
            CollectLost();
            EndLostSession();
            NewSession();
        }
        if (_reclaimNeeded)
            ReclaimState();
        else if (_takeOver)
            TakeOver();
        _takeOver = false;
        Maintain();
        OpenForCalls();
    }

    /// <summary>With the session its slots are gone: what was under way is started anew by its caller, once the recovery is through.</summary>
    private void CollectLost()
    {
        lock (_gate)
        {
            for (int slot = 0; slot < _slots.Count; slot++)
            {
                if (_slots[slot] is not { } call)
                    continue;
                _slots.Release(slot, executed: false);
                if (!call.IsInternal)
                    _lost.Add(call);
            }
            _lost.AddRange(_waiting);
            _lost.AddRange(_fenced);
            _waiting.Clear();
            _fenced.Clear();
            _epoch++;
        }
    }

    private void ReclaimState()
    {
        IRecoverable[] all = Recoverables();
        // Only what is missing when the connection ended inside RECLAIM_COMPLETE: once the server has that, it refuses further reclaims.
        if (!_stateReclaimed)
        {
            foreach (IRecoverable state in all)
                state.Reclaim();
            _stateReclaimed = true;
            Keep();
        }
        CompleteReclaim();
        lock (_gate)
            _epoch++;
        _reclaimNeeded = false;
        _resendNeeded = all.Length > 0;
        Keep();
        if (all.Length > 0)
            Statistics.CountReclaim();
    }

    /// <summary>Writes everything uncommitted again, alone on the session: reads that follow see it, and newer writes come after older ones.</summary>
    private void Resend()
    {
        Drain();
        IRecoverable[] all = Recoverables();
        TaskCompletionSource[] waiters;
        lock (_gate)
        {
            waiters = [.. _resendWaiters];
            _resendWaiters.Clear();
            _resendWanted = false;
        }
        _resendNeeded = true;
        Keep();
        try
        {
            foreach (IRecoverable state in all)
                state.Resend();
        }
        catch
        {
            lock (_gate)
                _resendWaiters.AddRange(waiters);
            throw;
        }
        // One whose lock is lost has sent nothing: that is done once it is taken again.
        _resendNeeded = all.Any(state => state.IsLost);
        Keep();
        foreach (TaskCompletionSource waiter in waiters)
            waiter.TrySetResult();
    }

    private void OpenForCalls()
    {
        CompoundCall[] lost;
        lock (_gate)
        {
            _ready = true;
            // What was encoded before state was reclaimed carries dead state IDs.
            for (int waiting = _waiting.Count; waiting > 0; waiting--)
            {
                CompoundCall call = _waiting.Dequeue();
                if (call.Epoch == _epoch)
                    _waiting.Enqueue(call);
                else
                    _lost.Add(call);
            }
            lost = [.. _lost];
            _lost.Clear();
        }
        _connectedBefore = true;
        _firstReady.TrySetResult();
        foreach (CompoundCall call in lost)
            call.Complete(NfsStatus.BadSession);
        PumpWaiting();
    }

    /// <summary>Waits until nothing is in flight.</summary>
    private void Drain()
    {
        _drains = true;
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_slots.InFlight == 0)
                        return;
                    if (!_hasSession)
                        throw _lossReason!;
                    if (_stopped)
                        throw new IOException("the client is closed");
                }
                _wake.Wait();
            }
        }
        finally
        {
            _drains = false;
        }
    }

    /// <summary>Waits until no connection's thread can touch a request any more; threads that are connecting hold none and end by themselves.</summary>
    private void EndConnections()
    {
        lock (_gate)
            _stopped = true;
        _stop.Cancel();
        while (true)
        {
            foreach (NfsConnection connection in _connections)
                connection.Shutdown();
            lock (_gate)
            {
                if (Array.TrueForAll(_connections, connection => connection.State == ConnectionState.Down && connection.Sender is null))
                    return;
            }
            _wake.Wait();
        }
    }

    private void BackOff()
    {
        int failures = _failures++;
        if (failures == 0)
            return;
        double factor = Math.Pow(2, Math.Min(failures - 1, 10));
        Pause(TimeSpan.FromTicks((long)Math.Min(_firstBackOff.Ticks * factor, _longestBackOff.Ticks)));
    }

    private void EndAll()
    {
        lock (_gate)
            _hasSession = false;
        CollectLost();
        TaskCompletionSource[] waiters;
        lock (_gate)
        {
            _stopped = true;
            waiters = [.. _resendWaiters];
        }
        NfsUnreachableException closed = Closed();
        foreach (CompoundCall call in _lost)
            call.Fail(closed);
        foreach (TaskCompletionSource waiter in waiters)
            waiter.TrySetException(closed);
        _firstReady.TrySetException(closed);
    }
}
