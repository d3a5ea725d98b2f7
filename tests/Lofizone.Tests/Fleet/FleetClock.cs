namespace Lofizone.Tests.Fleet;

/// <summary>Simulated time: events in order of their time, those of one moment in the order they were made.</summary>
internal sealed class FleetClock
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private long _order;

    /// <summary>Milliseconds since the start.</summary>
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
