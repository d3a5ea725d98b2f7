using System.Net.Sockets;
using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Rpc;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Session;

/// <summary>The session's thread: connects, makes or takes up the session, reclaims state, sends again what is unanswered, then receives.</summary>
internal sealed partial class NfsSession
{
    private static readonly TimeSpan _firstBackOff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestBackOff = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _delayPause = TimeSpan.FromMilliseconds(500);

    private readonly List<IRecoverable> _recoverables = [];
    private readonly List<CompoundCall> _lost = [];
    private readonly List<TaskCompletionSource> _resendWaiters = [];
    private IRpcChannel? _channel;
    private ITimer? _renewTimer;
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
        // The thread looks after each reply: this one makes sure that there is one.
        SubmitRenewal();
        return done.Task;
    }

    /// <summary>Sends a call of the recovery itself and receives until it is answered. Only on the session's thread, while the session is not open for others.</summary>
    public NfsStatus Execute(CompoundCall call)
    {
        call.IsInternal = true;
        lock (_gate)
        {
            if (call.HasSequence)
            {
                if (!TryBind(call))
                    throw new SessionLostException(NfsStatus.BadSlot);
            }
            else
            {
                _control = call;
                call.Bind(NextXid(ControlSlot), default, 0, 0, 0);
            }
        }
        ValueTask<NfsStatus> completion = call.Completion;
        using (StartWatchdog())
        {
            RpcSender sender = _sender!;
            sender.Send(call);
            while (!call.IsReplied)
                ReceiveOne();
            // Another thread may have sent it and not come back from sending yet; no further reply is due, so receiving would wait in vain.
            SpinWait spin = default;
            while (!completion.IsCompleted)
            {
                if (sender.IsClosed && !completion.IsCompleted)
                    throw new IOException("the connection ended inside a request");
                spin.SpinOnce();
            }
        }
#pragma warning disable CA2012 // Completed already: the one read of the result.
        return completion.GetAwaiter().GetResult();
#pragma warning restore CA2012
    }

    /// <summary>Waits on the session's thread, for a server that says DELAY or GRACE.</summary>
    public void Pause(TimeSpan time)
    {
        try
        {
            Task.Delay(time, _time, _stop.Token).GetAwaiter().GetResult();
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
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    Connect();
                    Establish();
                    OpenForCalls();
                    Receive();
                }
                catch (SessionLostException)
                {
                    Statistics.CountSessionLost();
                    _hasSession = false;
                    Disconnect();
                }
                catch (Exception error) when (error is IOException or SocketException)
                {
                    Disconnect();
                    if (!_connectedBefore)
                    {
                        FailSetup(error);
                        return;
                    }
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
            Disconnect();
            EndAll();
            _ended.SetResult();
        }
    }

    private void FailSetup(Exception error)
    {
        _setupFailure = error as NfsException ?? new NfsUnreachableException(Server, "CONNECT", error.Message, error);
        lock (_gate)
            _stopped = true;
        _firstReady.TrySetException(_setupFailure);
    }

    private void Connect()
    {
        _channel = _connector.Connect(_options.ConnectDeadline);
        if (_stop.IsCancellationRequested)
            _channel.Shutdown();
        _receiver = new RecordReceiver(_channel, _options.MaxIoBytes + SessionSizes.OverheadBytes);
        RpcSender sender = new(_channel);
        lock (_gate)
            _sender = sender;
        if (_connectedBefore)
            Statistics.CountReconnect();
    }

    /// <summary>Makes the session usable: bound to the new connection when it still exists, otherwise a new one, with the state reclaimed if the server forgot it.</summary>
    private void Establish()
    {
        if (_hasSession && !BindConnection())
        {
            Statistics.CountSessionLost();
            _hasSession = false;
        }
        if (_hasSession)
        {
            SendUnansweredAgain();
        }
        else
        {
            CollectLost();
            EndLostSession();
            NewSession();
        }
        if (_reclaimNeeded)
            ReclaimState();
        if (_resendNeeded || _resendWanted)
            Resend();
    }

    private void SendUnansweredAgain()
    {
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            if (_slots[slot] is not { } call)
                continue;
            call.PrepareSend();
            Statistics.CountRetransmit();
            _sender!.Send(call);
        }
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
        IRecoverable[] all;
        lock (_recoverables)
            all = [.. _recoverables];
        // Only what is missing when the connection ended inside RECLAIM_COMPLETE: once the server has that, it refuses further reclaims.
        if (!_stateReclaimed)
        {
            foreach (IRecoverable state in all)
                state.Reclaim(this);
            _stateReclaimed = true;
        }
        CompleteReclaim();
        lock (_gate)
            _epoch++;
        _reclaimNeeded = false;
        _resendNeeded = all.Length > 0;
        if (all.Length > 0)
            Statistics.CountReclaim();
    }

    /// <summary>Writes everything uncommitted again, alone on the session: reads that follow see it, and newer writes come after older ones.</summary>
    private void Resend()
    {
        while (_slots.InFlight > 0)
            ReceiveOne();
        IRecoverable[] all;
        TaskCompletionSource[] waiters;
        lock (_recoverables)
            all = [.. _recoverables];
        lock (_gate)
        {
            waiters = [.. _resendWaiters];
            _resendWaiters.Clear();
            _resendWanted = false;
        }
        _resendNeeded = true;
        try
        {
            foreach (IRecoverable state in all)
                state.Resend(this);
        }
        catch
        {
            lock (_gate)
                _resendWaiters.AddRange(waiters);
            throw;
        }
        _resendNeeded = false;
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
        Statistics.SetConnected(true);
        _connectedBefore = true;
        _firstReady.TrySetResult();
        foreach (CompoundCall call in lost)
            call.Complete(NfsStatus.BadSession);
        PumpWaiting();
    }

    private void Receive()
    {
        while (true)
        {
            if (_resendWanted)
            {
                lock (_gate)
                    _ready = false;
                Resend();
                OpenForCalls();
            }
            ReceiveOne();
        }
    }

    private void Disconnect()
    {
        RpcSender? sender;
        lock (_gate)
        {
            _ready = false;
            sender = _sender;
            _sender = null;
        }
        Statistics.SetConnected(false);
        // Afterwards no thread reads from any call's buffers, so they may be sent again or given up.
        sender?.Dispose();
        _channel?.Dispose();
        CompoundCall? control;
        lock (_gate)
        {
            control = _control;
            _control = null;
        }
        // The recovery's own learn it from the exception that brought us here.
        if (control is { IsInternal: false })
            control.Fail(new NfsUnreachableException(Server, "RPC", "the connection ended"));
        if (_hasSession)
            return;
        CollectLost();
    }

    private void BackOff()
    {
        int failures = _failures++;
        if (failures == 0)
            return;
        double factor = Math.Pow(2, Math.Min(failures - 1, 10));
        Pause(TimeSpan.FromTicks((long)Math.Min(_firstBackOff.Ticks * factor, _longestBackOff.Ticks)));
    }

    /// <summary>Ends the connection when the server takes longer than allowed for a request of the recovery.</summary>
    private ITimer StartWatchdog() =>
        _time.CreateTimer(state => ((IRpcChannel)state!).Shutdown(), _channel, _options.SetupDeadline, Timeout.InfiniteTimeSpan);

    private void EndAll()
    {
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
