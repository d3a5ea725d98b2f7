using System.Diagnostics;

namespace Lofizone.Testing;

/// <summary>
/// Waits for conditions that give no event: another process's state, an engine's report about itself, the end of a lease on a real server.
/// Such a condition can only be polled.
/// </summary>
public static class Wait
{
    /// <summary>Default limit. On a busy machine all work is slow.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(10), _longest = TimeSpan.FromMilliseconds(250);

    /// <exception cref="TimeoutException">The condition does not hold within the limit.</exception>
    public static Task UntilAsync(Func<bool> holds, string otherwise, CancellationToken cancellation) =>
        UntilAsync(() => Task.FromResult(holds()), otherwise, cancellation);

    /// <param name="holds">The condition.</param>
    /// <param name="otherwise">Message of a failure.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="limit"><see cref="Limit"/> by default.</param>
    public static async Task UntilAsync(Func<Task<bool>> holds, string otherwise, CancellationToken cancellation, TimeSpan? limit = null)
    {
        Stopwatch watch = Stopwatch.StartNew();
        // Most conditions hold soon. Later polls are rarer, because a poll may cost a command or a look at all processes.
        TimeSpan pause = _first;
        while (!await holds())
        {
            if (watch.Elapsed > (limit ?? Limit))
                throw new TimeoutException($"{otherwise} within {(limit ?? Limit).TotalSeconds:0} s");
            // The condition gives no event.
            await Task.Delay(pause, cancellation);
            pause = pause * 1.5 < _longest ? pause * 1.5 : _longest;
        }
    }
}
