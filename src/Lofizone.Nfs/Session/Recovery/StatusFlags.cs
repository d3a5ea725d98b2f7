using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// Handles the flags of each SEQUENCE's result (sr_status_flags, RFC 8881 section 18.46.3), also of an idle session's renewals. State that
/// may be gone is looked for at once, so that an owner learns of a lost lock without having to write. A back channel that is down does not
/// matter: this client asks for no delegation, layout or callback. Changed device IDs do not matter either. A back channel with a permanent
/// fault costs the session, as the RFC demands.
/// </summary>
internal sealed class StatusFlags(SessionContext context, LeaseRenewal lease)
{
    private readonly Lock _gate = new();
    private uint _seen;
    private long _handledAt;

    /// <summary>
    /// Flags stay up until their cause is gone, and this client can't remove all causes. Each flag is therefore handled once per renewal
    /// period.
    /// </summary>
    public void Take(uint flags)
    {
        flags &= Sequence.StateMayBeGone | Sequence.BackChannelFault;
        if (flags == 0 && Volatile.Read(ref _seen) == 0)
            return;
        lock (_gate)
        {
            bool news = (flags & ~_seen) != 0;
            if (flags == 0 || (!news && context.Time.GetElapsedTime(_handledAt) < lease.Period))
            {
                _seen &= flags;
                return;
            }
            _seen = flags;
            _handledAt = context.Time.GetTimestamp();
        }
        if ((flags & Sequence.StateMayBeGone) != 0)
            context.State.Add(RecoveryWork.Check);
        if ((flags & Sequence.BackChannelFault) != 0)
            context.State.Add(RecoveryWork.Replace);
        context.Wake.Set();
    }
}
