namespace Lofizone.Zones;

/// <summary>A bounded number of turns. A free turn goes to the waiting zone of the lowest rank, and among equals to the first.</summary>
internal sealed class Turns(int width)
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, (int Rank, long Arrival)> _waiting = new();
    private int _free = width;
    private long _arrivals;

    /// <summary>Takes a turn, at once if one is free.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled. No turn is taken then.</exception>
    public async Task TakeAsync(int rank, CancellationToken cancellation)
    {
        TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            _waiting.Enqueue(turn, (rank, _arrivals++));
        }

        await using CancellationTokenRegistration end = cancellation.UnsafeRegister(_ => turn.TrySetCanceled(cancellation), null);
        await turn.Task;
    }

    public void Give()
    {
        lock (_gate)
        {
            // A wait that was cancelled stays in the queue until its turn, and takes none.
            while (_waiting.TryDequeue(out TaskCompletionSource? next, out _))
            {
                if (next.TrySetResult())
                    return;
            }

            _free++;
        }
    }
}
