using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;

namespace Lofizone.Nfs.Session;

/// <summary>
/// What the server says with every SEQUENCE (sr_status_flags, RFC 8881 section 18.46.3), the renewals of an idle session included.
/// State that may be gone is looked for at once, so that an owner learns of a lost lock without having to write. A back channel that
/// is down matters to nobody here (no delegation, no layout, no callback is ever asked for), nor does a device ID; one that is at
/// fault for good costs the session, as the RFC demands.
/// </summary>
internal sealed partial class NfsSession
{
    private uint _flagsSeen;
    private long _flagsHandled;
    private volatile bool _checkWanted;
    private volatile bool _replaceWanted;
    private volatile bool _retakeWanted;
    private volatile int _unboundReplies;

    /// <summary>Has state that the server has dropped taken up again, or its files fenced; then all uncommitted data written again. Completes when that is through.</summary>
    public Task RetakeAsync()
    {
        _retakeWanted = true;
        return ResendUncommittedAsync();
    }

    private bool MaintenanceWanted => _resendWanted || _retakeWanted || _checkWanted || _replaceWanted;

    /// <summary>The server executed a SEQUENCE that was sent then: the lease counts from there, not from its answer (section 8.3).</summary>
    private void NoteRenewal(CompoundCall call)
    {
        long known = Volatile.Read(ref _lastActivity);
        while (call.BoundAt > known && Interlocked.CompareExchange(ref _lastActivity, call.BoundAt, known) is var seen && seen != known)
            known = seen;
    }

    /// <summary>Flags stay up until their cause is gone, and some causes are not ours to remove: each is handled once per renewal period.</summary>
    private void OnStatusFlags(uint flags)
    {
        const uint Handled = Sequence.StateMayBeGone | Sequence.BackChannelFault;
        flags &= Handled;
        if (flags == 0 && Volatile.Read(ref _flagsSeen) == 0)
            return;
        lock (_gate)
        {
            bool news = (flags & ~_flagsSeen) != 0;
            if (flags == 0 || (!news && _time.GetElapsedTime(_flagsHandled) < TimeSpan.FromSeconds(Statistics.LeaseSeconds) / RenewalsPerLease))
            {
                _flagsSeen &= flags;
                return;
            }
            _flagsSeen = flags;
            _flagsHandled = _time.GetTimestamp();
            _checkWanted |= (flags & Sequence.StateMayBeGone) != 0;
            _replaceWanted |= (flags & Sequence.BackChannelFault) != 0;
        }
        _wake.Set();
    }

    /// <summary>With nothing else in flight: finds out what is gone, takes it up again, sends uncommitted data again.</summary>
    private void Maintain()
    {
        if (_replaceWanted)
        {
            Drain();
            _replaceWanted = false;
            throw new SessionLostException(NfsStatus.DeadSession);
        }
        if (_checkWanted)
        {
            Drain();
            _checkWanted = false;
            foreach (IRecoverable state in Recoverables())
                state.Check();
        }
        Restore();
    }

    /// <summary>Takes up lost state and sends uncommitted data, until none is found to be lost meanwhile.</summary>
    private void Restore()
    {
        while (true)
        {
            _retakeWanted = false;
            IRecoverable[] all = Recoverables();
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
                // What was encoded before carries dead state IDs, and the server's new state knows nothing of older writes' fate.
                lock (_gate)
                    _epoch++;
                _resendNeeded = true;
            }
            if (_resendNeeded || _resendWanted)
                Resend();
            if (!all.Any(state => state.IsLost))
                return;
        }
    }

    private IRecoverable[] Recoverables()
    {
        lock (_recoverables)
            return [.. _recoverables];
    }

    /// <summary>
    /// The server does not take this connection for one of the session's: a new one is made and bound, and the request goes out again
    /// in its slot. When that does not help, the session is given up.
    /// </summary>
    private Exception NotBound() => ++_unboundReplies <= 2
        ? new IOException("the connection is not bound to the session")
        : new SessionLostException(NfsStatus.ConnNotBoundToSession);
}
