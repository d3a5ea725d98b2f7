using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// Does the <see cref="RecoveryWork"/> of an existing session: reclaims or retakes state that the server has forgotten or dropped, and
/// writes uncommitted data again. All members but <see cref="Register"/> are for the session's thread.
/// </summary>
internal sealed class StateRestorer(
    SessionContext context, ClientIdentity identity, CallQueue queue, CallMaker calls, RecoveryCalls requests)
{
    private readonly Lock _gate = new();
    private readonly List<IRecoverable> _recoverables = [];
    private readonly List<TaskCompletionSource> _resendWaiters = [];

    /// <summary>Registers state for recovery after each restart of the server.</summary>
    public void Register(IRecoverable state)
    {
        lock (_gate)
            _recoverables.Add(state);
    }

    public void Unregister(IRecoverable state)
    {
        lock (_gate)
            _recoverables.Remove(state);
    }

    /// <summary>See <see cref="NfsSession.ResendUncommittedAsync"/>.</summary>
    public Task ResendAsync()
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (context.State.IsClosed)
                return Task.FromException(context.Closed());
            _resendWaiters.Add(done);
            context.State.Add(RecoveryWork.Resend);
        }
        context.Wake.Set();
        return done.Task;
    }

    /// <summary>Does all due work. Work that is not done when the method throws stays due.</summary>
    /// <exception cref="SessionLostException">The session is gone, or has to be replaced.</exception>
    public void Restore()
    {
        if (context.State.Has(RecoveryWork.Reclaim | RecoveryWork.CompleteReclaim))
            Reclaim();
        else if (context.State.Has(RecoveryWork.TakeOver))
            TakeOver();
        context.State.Remove(RecoveryWork.TakeOver);
        if (context.State.Has(RecoveryWork.Replace))
        {
            Drain();
            context.State.Remove(RecoveryWork.Replace);
            throw new SessionLostException(NfsStatus.DeadSession);
        }
        if (context.State.Has(RecoveryWork.Check))
            Check();
        RetakeAndResend();
    }

    /// <summary>Fails the waiters for resent data, because the session is closed.</summary>
    public void End(Exception closed)
    {
        TaskCompletionSource[] waiters;
        lock (_gate)
            waiters = [.. _resendWaiters];
        foreach (TaskCompletionSource waiter in waiters)
            waiter.TrySetException(closed);
    }

    private void Reclaim()
    {
        IRecoverable[] all = Recoverables();
        // A former attempt may have ended inside RECLAIM_COMPLETE. Then only RECLAIM_COMPLETE is repeated: a server that has executed it
        // refuses further reclaims (RFC 8881 section 18.51).
        if (context.State.Has(RecoveryWork.Reclaim))
        {
            foreach (IRecoverable state in all)
                state.Reclaim();
            context.State.Add(RecoveryWork.CompleteReclaim);
            context.State.Remove(RecoveryWork.Reclaim);
            identity.Keep();
        }
        CompleteReclaim();
        // A request that waits for the first session carries no state ID and stays valid. The request that asks whether two paths lead to
        // one server is of this kind.
        if (context.State.WasOpen)
            context.State.Advance();
        context.State.Remove(RecoveryWork.CompleteReclaim | RecoveryWork.FinishResend);
        if (all.Length > 0)
            context.State.Add(RecoveryWork.FinishResend);
        identity.Keep();
        if (all.Length > 0)
            context.Statistics.CountReclaim();
    }

    private void CompleteReclaim()
    {
        const int Results = 2;
        CompoundCall call = requests.Ask(() => calls.Within(ReclaimComplete.Encode, cache: true));
        if (call.Status != NfsStatus.Ok && (call.Status != NfsStatus.CompleteAlready || call.ResultCount != Results))
            throw NfsException.For(call.Status, "RECLAIM_COMPLETE", null, $"NFS server {context.Server}");
    }

    private void TakeOver()
    {
        foreach (IRecoverable state in Recoverables())
            state.TakeOver();
        // Requests that were encoded earlier carry the predecessor's state IDs.
        context.State.Advance();
    }

    private void Check()
    {
        Drain();
        context.State.Remove(RecoveryWork.Check);
        foreach (IRecoverable state in Recoverables())
            state.Check();
    }

    /// <summary>Retakes lost state and sends uncommitted data, until no state is found to be lost.</summary>
    private void RetakeAndResend()
    {
        IRecoverable[] all;
        do
        {
            all = Recoverables();
            bool lost = false;
            foreach (IRecoverable state in all)
            {
                if (!state.IsLost)
                    continue;
                if (!lost)
                    Drain();
                lost = true;
                state.Retake();
            }
            if (lost)
            {
                // Requests that were encoded earlier carry dead state IDs. The server's new state does not tell whether older writes were
                // executed.
                context.State.Advance();
                context.State.Add(RecoveryWork.FinishResend);
            }
            if (context.State.Has(RecoveryWork.Resend | RecoveryWork.FinishResend))
                Resend();
        }
        while (all.Any(state => state.IsLost));
    }

    /// <summary>
    /// Writes all uncommitted data again, with no other request on the session. Later reads thus see the data, and newer writes come after
    /// older ones.
    /// </summary>
    private void Resend()
    {
        Drain();
        IRecoverable[] all = Recoverables();
        TaskCompletionSource[] waiters;
        lock (_gate)
        {
            waiters = [.. _resendWaiters];
            _resendWaiters.Clear();
            context.State.Remove(RecoveryWork.Resend);
        }
        context.State.Add(RecoveryWork.FinishResend);
        identity.Keep();
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
        // A file whose lock is lost has sent nothing. Its data is sent when the lock is taken again.
        if (!all.Any(state => state.IsLost))
            context.State.Remove(RecoveryWork.FinishResend);
        identity.Keep();
        foreach (TaskCompletionSource waiter in waiters)
            waiter.TrySetResult();
    }

    private IRecoverable[] Recoverables()
    {
        lock (_gate)
            return [.. _recoverables];
    }

    /// <summary>Waits until no request is in flight.</summary>
    private void Drain()
    {
        lock (context.Gate)
            context.State.Proceed(SessionPhase.Draining);
        try
        {
            while (true)
            {
                lock (context.Gate)
                {
                    if (queue.InFlight == 0)
                        return;
                    context.State.RequireSession();
                }
                context.Wake.Wait();
            }
        }
        finally
        {
            lock (context.Gate)
                context.State.FallBack();
        }
    }
}
