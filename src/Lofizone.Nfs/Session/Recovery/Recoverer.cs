using Lofizone.Basics;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// The session's thread: makes the session on the first connection that is up, and recovers it, once for all connections. Otherwise it
/// sleeps. It alone leads the session from phase to phase, but for the loss and the end of a session, which may come from any thread.
/// </summary>
internal sealed class Recoverer(
    SessionContext context, ConnectionSet connections, CallQueue queue, SessionMaker maker, StateRestorer restorer, RecoveryCalls requests)
{
    /// <summary>For which an open session is closed to callers.</summary>
    private const RecoveryWork Maintenance = RecoveryWork.Resend | RecoveryWork.Check | RecoveryWork.Replace;

    private static readonly BackOff _backOff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failures;

    /// <summary>Completes when the session is open for the first time, or with what went wrong.</summary>
    public Task WhenReady => _ready.Task;

    /// <summary>Completes when the thread has ended, and no connection's thread knows a request any more.</summary>
    public Task WhenEnded => _ended.Task;

    public void Start() => context.Threads.Start("nfs session " + context.Server, Run);

    /// <summary>A request of a caller was executed: the next failure is the first one again.</summary>
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
            // The pause was ended because the client is closed.
        }
        finally
        {
            EndConnections();
            EndCalls();
            _ended.SetResult();
        }
    }

    /// <summary>
    /// Sleeps until there is something to recover on a connection that is up; false when the client is closed or nothing can be reached
    /// at the start.
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

    /// <summary>Enters the phase in which the next work is done, if it can be done now. The session's gate is held.</summary>
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

    /// <summary>Nothing of the former session is on any connection. The gate is held.</summary>
    private bool IsDrained() => connections.AreAll(connection => connection.State is ConnectionState.Down or ConnectionState.Connected);

    /// <summary>
    /// Makes the session usable: a new one if it is gone, with the state reclaimed if the server forgot it, and lost data written again.
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

    /// <summary>The first session can't be made, and no other connection may do better.</summary>
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
    /// Waits until no connection's thread can touch a request any more; threads that are connecting hold none and end by themselves.
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
