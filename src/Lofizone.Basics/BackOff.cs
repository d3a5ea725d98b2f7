namespace Lofizone.Basics;

/// <summary>Pauses between repeated attempts: each pause is twice as long as the last, up to a limit.</summary>
public readonly record struct BackOff(TimeSpan First, TimeSpan Longest)
{
    private const int MostDoublings = 10;

    /// <summary>The pause after a failure.</summary>
    /// <param name="failures">Number of failures before this one, at least 0.</param>
    public TimeSpan After(int failures) => TimeSpan.FromTicks(Math.Min(First.Ticks << Math.Min(failures, MostDoublings), Longest.Ticks));
}
