namespace Lofizone.Basics;

/// <summary>How long to wait before something that failed is tried again: twice as long each time, up to a limit.</summary>
public readonly record struct BackOff(TimeSpan First, TimeSpan Longest)
{
    private const int MostDoublings = 10;

    /// <summary>The pause behind a failure.</summary>
    /// <param name="failures">How many failures were before that one, at least 0.</param>
    public TimeSpan After(int failures) => TimeSpan.FromTicks(Math.Min(First.Ticks << Math.Min(failures, MostDoublings), Longest.Ticks));
}
