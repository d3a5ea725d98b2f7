namespace Lofizone.Engine;

/// <summary>
/// Delays a device's requests so that they stay within limits: one token bucket for reads and one for writes. Requests go on in the order
/// in which they came. A change of the limits counts at once, also for requests that wait.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class IoPacer(TimeProvider time)
{
    /// <summary>
    /// The time whose unused requests and bytes a device may still use: long enough for the clock's own delays, and for a device that
    /// reads a little now and then.
    /// </summary>
    internal static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    private volatile Pace? _pace;

    public IoLimits Limits
    {
        get => _pace?.Limits ?? default;
        set
        {
            Pace? before = Interlocked.Exchange(ref _pace, value.IsNone ? null : new Pace(value, time));
            before?.End();
        }
    }

    public ValueTask ReadAsync(long bytes, CancellationToken cancellation) =>
        _pace is null ? default : WaitAsync(p => p.Reads, bytes, cancellation);

    /// <param name="bytes">The size of a write; 0 for a request without data.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ValueTask WriteAsync(long bytes, CancellationToken cancellation) =>
        _pace is null ? default : WaitAsync(p => p.Writes, bytes, cancellation);

    private async ValueTask WaitAsync(Func<Pace, Bucket> bucket, long bytes, CancellationToken cancellation)
    {
        while (_pace is { } pace)
        {
            TimeSpan wait = bucket(pace).Take(bytes);
            if (wait <= TimeSpan.Zero)
                return;
            // The timer of a wait that other limits end goes on for nothing.
            await Task.WhenAny(Task.Delay(wait, time, cancellation), pace.Ended).WaitAsync(cancellation);
            if (!pace.Ended.IsCompleted)
                return;
        }
    }

    /// <summary>The buckets of one setting of the limits.</summary>
    private sealed class Pace(IoLimits limits, TimeProvider time)
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IoLimits Limits => limits;

        public Bucket Reads { get; } = new(limits, time);

        public Bucket Writes { get; } = new(limits, time);

        /// <summary>Completes when other limits count.</summary>
        public Task Ended => _end.Task;

        public void End() => _end.SetResult();
    }

    /// <summary>A bucket: the times from which on further requests and further bytes are within the limits.</summary>
    private sealed class Bucket(IoLimits limits, TimeProvider time)
    {
        private readonly Lock _gate = new();
        private readonly long _start = time.GetTimestamp();
        private TimeSpan _operations, _bytes;

        /// <summary>Takes one request and its bytes out of the bucket; returns the time until the request may go on.</summary>
        public TimeSpan Take(long bytes)
        {
            lock (_gate)
            {
                TimeSpan now = time.GetElapsedTime(_start), earliest = now - Burst;
                TimeSpan operations = _operations > earliest ? _operations : earliest, size = _bytes > earliest ? _bytes : earliest;
                if (limits.Operations > 0)
                    _operations = operations + TimeSpan.FromSeconds(1.0 / limits.Operations);
                if (limits.Bytes > 0)
                    _bytes = size + TimeSpan.FromSeconds((double)bytes / limits.Bytes);
                return (operations > size ? operations : size) - now;
            }
        }
    }
}
