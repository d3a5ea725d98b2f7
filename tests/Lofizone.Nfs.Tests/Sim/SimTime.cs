namespace Lofizone.Nfs.Tests.Sim;

/// <summary>A clock that jumps from event to event. Events of one moment happen in the order in which they were made.</summary>
internal sealed class SimTime : TimeProvider
{
    private static readonly DateTimeOffset _start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Action, (long Ticks, long Number)> _events = new();
    private Action<Action>? _post;
    private long _number;

    /// <summary>Time since the start of the run.</summary>
    public TimeSpan Now { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;

    public override DateTimeOffset GetUtcNow() => _start + Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Runs an action at a time. The action must not block.</summary>
    public void At(TimeSpan when, Action what) => _events.Enqueue(what, (Math.Max(when.Ticks, Now.Ticks), _number++));

    /// <summary>Jumps to the next event and runs it. False when there is none.</summary>
    /// <param name="post">Takes the callbacks of timers, which run like work of the thread pool.</param>
    public bool JumpToNext(Action<Action> post)
    {
        _post = post;
        if (!_events.TryDequeue(out Action? what, out (long Ticks, long Number) at))
            return false;
        Now = TimeSpan.FromTicks(Math.Max(at.Ticks, Now.Ticks));
        what();
        return true;
    }

    private sealed class Timer(SimTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;
        private long _generation;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _generation++;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
                Schedule(time.Now + dueTime);
            return true;
        }

        public void Dispose() => _generation++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Schedule(TimeSpan when)
        {
            long generation = _generation;
            time._events.Enqueue(
                () =>
                {
                    if (generation != _generation)
                        return;
                    if (_period > TimeSpan.Zero)
                        Schedule(time.Now + _period);
                    time._post!(() => callback(state));
                },
                (when.Ticks, time._number++));
        }
    }
}
