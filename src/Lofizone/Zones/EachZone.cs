using System.Collections.Concurrent;

namespace Lofizone.Zones;

/// <summary>
/// Does work on many zones side by side, as the start and the stop of a host do. A failure or a delay of one zone does not affect the
/// others.
/// </summary>
/// <param name="width">Largest number of zones at a time.</param>
/// <param name="limit">Time for one zone, from its own start on.</param>
/// <param name="time">The clock of the limit.</param>
/// <param name="shows">The command that shows a zone which took too long.</param>
public sealed class EachZone(int width, TimeSpan limit, TimeProvider time, string shows = "zone explain")
{
    /// <summary>Time for the undoing of a zone's work after its limit. After that time the zone is left alone.</summary>
    private static readonly TimeSpan _wayBack = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Number of zones to work on at a time. Boots and halts mostly wait for programs, servers and inits, so the number is larger than that
    /// of the processors.
    /// </summary>
    public static int WidthOf(int processors) => Math.Clamp(4 * processors, 8, 64);

    /// <summary>Does the work on all zones; returns the failures by zone.</summary>
    /// <exception cref="OperationCanceledException">The caller has cancelled all of the work.</exception>
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
                // Each zone has a thread of its own, because work that waits in the kernel must not block the work on other zones.
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
