using Lofizone.Basics;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Session.Slots;

/// <summary>Requests whose SEQUENCE the server has put off, see <see cref="CompoundCall.PutOff"/>.</summary>
internal sealed partial class CallQueue
{
    /// <summary>How long a server that refuses a request for now is given before it gets the request again.</summary>
    public static readonly BackOff Pauses = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));

    /// <summary>Only for the thread of the call's connection.</summary>
    public void PutOff(CompoundCall call) => call.PutOff(SendLater);

    /// <summary>
    /// Nobody holds the call any more: it leaves its connection, not its slot, and goes out again after a pause over whichever is there
    /// then.
    /// </summary>
    private void SendLater(CompoundCall call)
    {
        TimeSpan pause = Pauses.After(call.TimesPutOff - 1);
        long until = context.Time.GetTimestamp() + (long)(pause.TotalSeconds * context.Time.TimestampFrequency);
        lock (context.Gate)
        {
            // Given up with its session meanwhile, or on another connection because its own has ended.
            if (call.Route is not { } route || _slots[CallMaker.SlotOf(call.Xid)] != call)
                return;
            route.Remove(call);
            call.Withdraw(until);
        }
        _ = SendAfterAsync(until);
    }

    private async Task SendAfterAsync(long until)
    {
        try
        {
            // A timer counts by a coarser clock and may end early; nobody else would look at the call again.
            while (context.Time.GetTimestamp() is var now && now < until)
            {
                double milliseconds = Math.Ceiling(context.Time.GetElapsedTime(now, until).TotalMilliseconds);
                await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), context.Time, context.Stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Closed: the session's thread ends what is left.
            return;
        }
        SendUnansweredAgain();
    }

    /// <summary>It waits in its slot for a connection and not for the end of a pause. The gate is held.</summary>
    private static bool IsToBeSent(CompoundCall call, long now) => call.Route is null && call.SendAfter <= now;
}
