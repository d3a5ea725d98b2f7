using System.Collections.Concurrent;

namespace Lofizone.Zones;

/// <summary>
/// Does something with many zones side by side, as the start and the stop of a host do. What goes wrong with one zone, or takes too long,
/// is that zone's: the others go on.
/// </summary>
/// <param name="width">Most zones at a time.</param>
/// <param name="limit">Time for one zone, from its turn on.</param>
/// <param name="time">The clock of the limit.</param>
/// <param name="shows">The command that shows a zone which took too long.</param>
public sealed class EachZone(int width, TimeSpan limit, TimeProvider time, string shows = "zone explain")
{
    /// <summary>How long a zone that was told to stop at its limit may take for its way back, before it is left alone.</summary>
    private static readonly TimeSpan _wayBack = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Boots and halts wait for programs, servers and inits most of the time: more of them than processors, and never few.
    /// </summary>
    public static int WidthOf(int processors) => Math.Clamp(4 * processors, 8, 64);

    /// <summary>Runs all; returns what failed, by zone.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up on all of them.</exception>
    public async Task<IReadOnlyDictionary<string, Exception>> RunAsync(
        IEnumerable<string> zones, Func<string, CancellationToken, Task> run, CancellationToken cancellation)
    {
        ConcurrentDictionary<string, Exception> failed = new(StringComparer.Ordinal);
        ParallelOptions options = new() { MaxDegreeOfParallelism = width, CancellationToken = cancellation };
        await Parallel.ForEachAsync(zones, options, async (zone, stop) =>
        {
            using CancellationTokenSource late = new(limit, time);
            using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
            try
            {
                // On a thread of its own: what waits in the kernel must not take the turn of others.
                Task work = Task.Factory
                    .StartNew(() => run(zone, both.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                    .Unwrap();
                await work.WaitAsync(limit + _wayBack, time, CancellationToken.None);
            }
            catch (Exception error) when (
                error is TimeoutException || (error is OperationCanceledException && late.IsCancellationRequested))
            {
                failed[zone] = new LofizoneException(
                    $"{zone}: no end after {limit.TotalSeconds:0} s; given up", $"'{shows} {zone}' shows what there is of it");
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                failed[zone] = error;
            }
        });
        return failed;
    }
}
