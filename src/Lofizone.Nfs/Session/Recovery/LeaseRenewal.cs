using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Connections;
using Lofizone.Nfs.Session.Slots;
using Lofizone.Nfs.Session.State;

namespace Lofizone.Nfs.Session.Recovery;

/// <summary>
/// Keeps the lease while no other request does (RFC 8881 section 8.3). An idle session sends a COMPOUND of SEQUENCE alone, several times
/// per lease time.
/// </summary>
internal sealed class LeaseRenewal(SessionContext context, CallQueue queue, CallMaker calls, ConnectionMonitor monitor) : IDisposable
{
    /// <summary>Renewals per lease time. The lease holds even when two renewals in a row are lost.</summary>
    private const int PerLease = 3;

    private ITimer? _timer;
    private long _renewedAt;
    private int _pending;

    /// <summary>A COMPOUND of SEQUENCE alone is under way.</summary>
    public bool IsRenewing => Volatile.Read(ref _pending) != 0;

    /// <summary>
    /// Called when the session has been quiet for a while and the lease is renewed. The callee does work that has waited for a quiet time
    /// and needs no timer of its own.
    /// </summary>
    public Action OnQuiet { get; set; } = () => { };

    /// <summary>Time from one renewal to the next.</summary>
    public TimeSpan Period => TimeSpan.FromSeconds(context.Statistics.LeaseSeconds) / PerLease;

    /// <summary>Starts the renewals. The session's lease time is known. Only for the session's thread.</summary>
    public void Start()
    {
        if (_timer is null)
            _timer = context.Threads.NewTimer("nfs renewal " + context.Server, RenewWhenIdle, Period);
        else
            _timer.Change(Period, Period);
    }

    /// <summary>
    /// Notes a SEQUENCE that the server executed. The lease counts from the sending of the SEQUENCE, not from its answer (RFC 8881 section
    /// 8.3).
    /// </summary>
    public void NoteRenewal(CompoundCall call)
    {
        long known = Volatile.Read(ref _renewedAt);
        while (call.BoundAt > known && Interlocked.CompareExchange(ref _renewedAt, call.BoundAt, known) is var seen && seen != known)
            known = seen;
    }

    public void Dispose() => _timer?.Dispose();

    private void RenewWhenIdle()
    {
        // Any SEQUENCE renews the lease. Half a period of slack keeps an answer just before the last tick from causing two periods without
        // a renewal.
        if (context.Time.GetElapsedTime(Volatile.Read(ref _renewedAt)) < Period / 2)
            return;
        OnQuiet();
        if (Interlocked.Exchange(ref _pending, 1) == 0)
        {
            _ = RenewAsync();
            return;
        }
        // The last renewal has had no answer for a whole period.
        lock (context.Gate)
            monitor.Start();
    }

    private async Task RenewAsync()
    {
        CompoundCall call = calls.Within(static (ref _) => { }, renews: true);
        ValueTask<NfsStatus> completion = call.Completion;
        queue.Submit(call);
        try
        {
            await completion;
        }
        catch (NfsException)
        {
            // The client was closed, so there is no lease to renew.
        }
        finally
        {
            Volatile.Write(ref _pending, 0);
        }
    }
}
