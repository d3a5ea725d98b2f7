using Lofizone.Basics;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Threading;

namespace Lofizone.Nfs.Session.Slots;

/// <summary>Requests whose SEQUENCE the server has put off, see <see cref="CompoundCall.PutOff"/>.</summary>
internal sealed partial class CallQueue
{
    /// <summary>Pauses before a request that the server has put off is sent again.</summary>
    public static readonly BackOff Pauses = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));

    /// <summary>Puts off a call. Only the thread of the call's connection calls this method.</summary>
    public void PutOff(CompoundCall call) => call.PutOff(SendLater);

    /// <summary>
    /// Sends the call again after a pause. No thread uses the call at this point. The call leaves its connection but keeps its slot, and
    /// goes out over any bound connection.
    /// </summary>
    private void SendLater(CompoundCall call)
    {
        TimeSpan pause = Pauses.After(call.TimesPutOff - 1);
        long until = context.Time.GetTimestamp() + (long)(pause.TotalSeconds * context.Time.TimestampFrequency);
        lock (context.Gate)
        {
            // The call was given up with its session, or moved to another connection because its own has ended.
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
            // A timer uses a coarser clock and may end early. No other code would send the call later, so the loop waits for the rest.
            while (context.Time.GetTimestamp() is var now && now < until)
            {
                double milliseconds = Math.Ceiling(context.Time.GetElapsedTime(now, until).TotalMilliseconds);
                await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), context.Time, context.Stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The client is closed. The session's thread ends the remaining calls.
            return;
        }
        SendUnansweredAgain();
    }

    /// <summary>Tells whether the call waits in its slot for a connection, and not for the end of a pause. The gate is held.</summary>
    private static bool IsToBeSent(CompoundCall call, long now) => call.Route is null && call.SendAfter <= now;
}
