namespace Lofizone.Nfs.Session;

/// <summary>Requests whose SEQUENCE the server has put off, see <see cref="CompoundCall.PutOff"/>.</summary>
internal sealed partial class NfsSession
{
    /// <summary>Only for the thread of the call's connection.</summary>
    private void PutOff(CompoundCall call) => call.PutOff(SendLater);

    /// <summary>Nobody holds the call any more: it leaves its connection, not its slot, and goes out again after a pause over whichever is there then.</summary>
    private void SendLater(CompoundCall call)
    {
        TimeSpan pause = Requests.PauseOf(call.TimesPutOff - 1);
        lock (_gate)
        {
            // Given up with its session meanwhile, or on another connection because its own has ended.
            if (call.Connection is not { } connection || !IsInSlot(call))
                return;
            connection.OutstandingBytes -= call.WeightBytes;
            connection.Statistics.SetInFlight(connection.Statistics.InFlight - 1);
            call.Withdraw(_time.GetTimestamp() + (long)(pause.TotalSeconds * _time.TimestampFrequency));
        }
        _ = SendAfterAsync(pause);
    }

    private async Task SendAfterAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _time, _stop.Token);
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
