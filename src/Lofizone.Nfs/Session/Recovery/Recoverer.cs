using Lofizone.Basics;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// The session's thread. The thread makes the session on the first connection that is up, and recovers the session, once for all
/// connections. Otherwise the thread sleeps. Only this thread leads the session from phase to phase. The loss and the end of a session are
/// the exceptions: they may come from any thread.
/// </summary>
internal sealed class Recoverer(
    SessionContext context, ConnectionSet connections, CallQueue queue, SessionMaker maker, StateRestorer restorer, RecoveryCalls requests)
{
    /// <summary>Work during which an open session is closed to callers.</summary>
    private const RecoveryWork Maintenance = RecoveryWork.Resend | RecoveryWork.Check | RecoveryWork.Replace;

    private static readonly BackOff _backOff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failures;

    /// <summary>Completes when the session is open for the first time, or fails with the reason.</summary>
    public Task WhenReady => _ready.Task;

    /// <summary>Completes when the thread has ended and no connection's thread uses a request any more.</summary>
    public Task WhenEnded => _ended.Task;

    public void Start() => context.Threads.Start("nfs session " + context.Server, Run);

    /// <summary>Resets the back-off, because the server has executed a request of a caller.</summary>
    public void OnSuccess() => _failures = 0;

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
                    connections.LoseSession(error);
                }
                catch (IOException error)
                {
                    if (IsFatal(error))
                    {
                        FailSetup(error);
                        return;
                    }
                    requests.EndLeader();
                }
                lock (context.Gate)
                    context.State.FallBack();
                WaitToRetry();
            }
        }
        catch (IOException)
        {
            // The client is closed, which has ended the pause.
        }
        finally
        {
            EndConnections();
            EndCalls();
            _ended.SetResult();
        }
    }

    /// <summary>
    /// Sleeps until there is recovery work on a connection that is up. False when the client is closed, or when no server can be reached at
    /// the start.
    /// </summary>
    private bool WaitForWork()
    {
        while (true)
        {
            Exception? unreachable = null;
            lock (context.Gate)
            {
                if (context.State.IsClosed)
                    return false;
                if (TryBegin())
                    return true;
                if (!context.State.WasOpen && connections.AreAll(connection => connection.HasFailed))
                    unreachable = connections.All[0].Failure;
            }
            if (unreachable is not null)
            {
                FailSetup(unreachable);
                return false;
            }
            context.Wake.Wait();
        }
    }

    /// <summary>Enters the phase of the next work, if the work can be done now. The session's gate is held.</summary>
    private bool TryBegin()
    {
        SessionState state = context.State;
        switch (state.Phase)
        {
            case SessionPhase.Connecting or SessionPhase.Lost when IsDrained() && requests.FindLeader():
                state.Enter(state.Phase == SessionPhase.Lost ? SessionPhase.Ending : SessionPhase.Creating);
                return true;
            case SessionPhase.Open when state.Has(Maintenance) && connections.HasBound():
                state.Enter(SessionPhase.Restoring);
                return true;
            case SessionPhase.Restoring:
                return connections.HasBound();
            default:
                return false;
        }
    }

    /// <summary>Tells whether no connection holds a request of the former session. The gate is held.</summary>
    private bool IsDrained() => connections.AreAll(connection => connection.State is ConnectionState.Down or ConnectionState.Connected);

    /// <summary>
    /// Makes the session usable. Makes a new session if the old one is gone, reclaims state if the server forgot the state, and writes lost
    /// data again.
    /// </summary>
    private void Recover()
    {
        SessionPhase begun = context.State.Phase;
        if (begun is SessionPhase.Ending or SessionPhase.Creating)
        {
            queue.CollectLost();
            if (begun == SessionPhase.Ending)
                maker.EndLostSession();
            maker.NewSession();
        }
        restorer.Restore();
        CompoundCall[] lost;
        lock (context.Gate)
        {
            context.State.Proceed(SessionPhase.Open);
            lost = queue.TakeLost();
        }
        _ready.TrySetResult();
        foreach (CompoundCall call in lost)
            call.Complete(NfsStatus.BadSession);
        queue.Pump();
    }

    /// <summary>Tells whether the failure to make the first session is final, because no other connection may do better.</summary>
    private bool IsFatal(IOException error)
    {
        lock (context.Gate)
            return !context.State.WasOpen && (error is NfsException { Status: not null } || requests.HaveOthersFailed());
    }

    private void FailSetup(Exception error)
    {
        NfsException failure = error as NfsException ?? new NfsUnreachableException(context.Server, "CONNECT", error.Message, error);
        context.SetupFailure = failure;
        lock (context.Gate)
            context.State.Close();
        _ready.TrySetException(failure);
    }

    private void WaitToRetry()
    {
        int failures = _failures++;
        if (failures > 0)
            context.Pause(_backOff.After(failures - 1));
    }

    /// <summary>
    /// Waits until no connection's thread can touch a request any more. Threads that are connecting hold no request and end by themselves.
    /// </summary>
    private void EndConnections()
    {
        lock (context.Gate)
            context.State.Close();
        context.EndSleeps();
        while (true)
        {
            connections.Shutdown();
            lock (context.Gate)
            {
                if (connections.AreAll(connection => connection.IsDown && connection.Sender is null))
                    return;
            }
            context.Wake.Wait();
        }
    }

    private void EndCalls()
    {
        queue.CollectLost();
        CompoundCall[] lost;
        lock (context.Gate)
            lost = queue.TakeLost();
        NfsUnreachableException closed = context.Closed();
        foreach (CompoundCall call in lost)
            call.Fail(closed);
        restorer.End(closed);
        _ready.TrySetException(closed);
    }
}
