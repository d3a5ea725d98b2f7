using System.Diagnostics;

namespace Lofizone.Testing;

/// <summary>
/// Waits for what gives no event: another process's state, what an engine tells of itself, a lease that runs out on a real server. Such
/// things can only be looked at again and again.
/// </summary>
public static class Wait
{
    /// <summary>On a busy machine everything takes its time.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(10), _longest = TimeSpan.FromMilliseconds(250);

    /// <exception cref="TimeoutException">It does not hold within the limit.</exception>
    public static Task UntilAsync(Func<bool> holds, string otherwise, CancellationToken cancellation) =>
        UntilAsync(() => Task.FromResult(holds()), otherwise, cancellation);

    /// <param name="holds">What is waited for.</param>
    /// <param name="otherwise">What a failure says.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="limit"><see cref="Limit"/> by default.</param>
    /// <exception cref="TimeoutException">It does not hold within the limit.</exception>
    public static async Task UntilAsync(Func<Task<bool>> holds, string otherwise, CancellationToken cancellation, TimeSpan? limit = null)
    {
        Stopwatch watch = Stopwatch.StartNew();
        // Most things hold soon. The others are asked less often: an answer may cost a command, or a look at all processes.
        TimeSpan pause = _first;
        while (!await holds())
        {
            if (watch.Elapsed > (limit ?? Limit))
                throw new TimeoutException($"{otherwise} within {(limit ?? Limit).TotalSeconds:0} s");
            // See above: there is no event.
            await Task.Delay(pause, cancellation);
            pause = pause * 1.5 < _longest ? pause * 1.5 : _longest;
        }
    }
}
