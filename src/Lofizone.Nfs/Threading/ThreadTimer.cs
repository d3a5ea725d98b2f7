using System.Diagnostics;

namespace Lofizone.Nfs.Threading;

/// <summary>
/// A periodic timer that is one thread. The runtime's own timers cost an idle process several wake-ups for each tick: the timer's thread, a
/// worker of the pool, and for some seconds the pool's supervisor.
/// </summary>
internal sealed class ThreadTimer : ITimer
{
    private readonly object _gate = new();
    private readonly Action _callback;
    private long _due;
    private TimeSpan _period;
    private bool _ended;

    /// <param name="threads">Starts the thread.</param>
    /// <param name="name">The thread's name.</param>
    /// <param name="callback">Called on that thread.</param>
    /// <param name="period">Time from now to the first call, and from each call to the next.</param>
    public ThreadTimer(IClientThreads threads, string name, Action callback, TimeSpan period)
    {
        _callback = callback;
        Change(period, period);
        threads.Start(name, Run);
    }

    /// <summary>Sets due time and period anew; <paramref name="period"/> must be greater than zero.</summary>
    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            if (_ended)
                return false;
            _due = Stopwatch.GetTimestamp() + Ticks(dueTime);
            _period = period;
            Monitor.Pulse(_gate);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.Pulse(_gate);
        }
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Run()
    {
        while (WaitUntilDue())
            _callback();
    }

    private bool WaitUntilDue()
    {
        lock (_gate)
        {
            while (!_ended)
            {
                long left = _due - Stopwatch.GetTimestamp();
                if (left <= 0)
                {
                    // The next tick counts from now on. Ticks that a stopped process has missed are not made up for.
                    _due = Stopwatch.GetTimestamp() + Ticks(_period);
                    return true;
                }

                // The time is rounded up. Otherwise the loop would spin through the last millisecond.
                Monitor.Wait(_gate, Stopwatch.GetElapsedTime(0, left) + TimeSpan.FromMilliseconds(1));
            }

            return false;
        }
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
