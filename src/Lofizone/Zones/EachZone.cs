using System.Collections.Concurrent;

namespace Lofizone.Zones;

/// <summary>
/// Does work on many things side by side, in any order. A failure or a delay of one does not affect the others.
/// <see cref="ZoneSchedule"/> does so for zones that have an order.
/// </summary>
/// <param name="width">Largest number of zones at a time.</param>
/// <param name="limit">Time for one zone, from its own start on.</param>
/// <param name="time">The clock of the limit.</param>
/// <param name="shows">The command that shows a zone which took too long.</param>
public sealed class EachZone(int width, TimeSpan limit, TimeProvider time, string shows = "zone explain")
{
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
            try
            {
                await LimitedWork.RunAsync(zone, limit, time, shows, c => run(zone, c), stop);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                failed[zone] = error;
            }
        });
        return failed;
    }
}
