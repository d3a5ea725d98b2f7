namespace Lofizone.Tests.Fleet;

/// <summary>Simulated time: events in order of their time. Events of one moment happen in the order in which they were made.</summary>
internal sealed class FleetClock
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private long _order;

    /// <summary>Time since the start, milliseconds.</summary>
    public long Now { get; private set; }

    public long Events => _order;

    public void After(long delay, Action action) => _events.Enqueue(action, (Now + Math.Max(0, delay), _order++));

    public void RunUntil(long end)
    {
        while (_events.TryPeek(out _, out (long Time, long Order) next) && next.Time <= end)
        {
            Now = next.Time;
            _events.Dequeue()();
        }
        Now = end;
    }
}
