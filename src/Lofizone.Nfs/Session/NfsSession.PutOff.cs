using Lofizone.Nfs.Session.Calls;

namespace Lofizone.Nfs.Session;

/// <summary>Requests whose SEQUENCE the server has put off, see <see cref="CompoundCall.PutOff"/>.</summary>
internal sealed partial class NfsSession
{
    /// <summary>Only for the thread of the call's connection.</summary>
    private void PutOff(CompoundCall call) => call.PutOff(SendLater);

    /// <summary>Nobody holds the call any more: it leaves its connection, not its slot, and goes out again after a pause over whichever is there then.</summary>
    private void SendLater(CompoundCall call)
    {
        long until = _time.GetTimestamp() + (long)(Requests.PauseOf(call.TimesPutOff - 1).TotalSeconds * _time.TimestampFrequency);
        lock (_gate)
        {
            // Given up with its session meanwhile, or on another connection because its own has ended.
            if (call.Connection is not { } connection || !IsInSlot(call))
                return;
            connection.OutstandingBytes -= call.WeightBytes;
            connection.Statistics.SetInFlight(connection.Statistics.InFlight - 1);
            call.Withdraw(until);
        }
        _ = SendAfterAsync(until);
    }

    private async Task SendAfterAsync(long until)
    {
        try
        {
            // A timer counts by a coarser clock and may end early; nobody else would look at the call again.
            while (_time.GetTimestamp() is var now && now < until)
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(_time.GetElapsedTime(now, until).TotalMilliseconds)), _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Closed: the session's thread ends what is left.
            return;
        }
        SendUnansweredAgain();
    }

    /// <summary>The gate is held.</summary>
    private bool IsInSlot(CompoundCall call) => _slots[(int)(call.Xid & 0xFF)] == call;

    /// <summary>It waits in its slot for a connection and not for the end of a pause. The gate is held.</summary>
    private static bool IsToBeSent(CompoundCall call, long now) => call.Connection is null && call.SendAfter <= now;
}
