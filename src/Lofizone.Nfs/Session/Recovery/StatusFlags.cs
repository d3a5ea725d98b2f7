using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// What the server says with every SEQUENCE (sr_status_flags, RFC 8881 section 18.46.3), the renewals of an idle session included.
/// State that may be gone is looked for at once, so that an owner learns of a lost lock without having to write. A back channel that
/// is down matters to nobody here (no delegation, no layout, no callback is ever asked for), nor does a device ID; one that is at
/// fault for good costs the session, as the RFC demands.
/// </summary>
internal sealed class StatusFlags(SessionContext context, LeaseRenewal lease)
{
    private readonly Lock _gate = new();
    private uint _seen;
    private long _handledAt;

    /// <summary>
    /// Flags stay up until their cause is gone, and some causes are not ours to remove: each is handled once per renewal period.
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
