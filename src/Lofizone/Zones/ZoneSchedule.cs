using System.Collections.Concurrent;

namespace Lofizone.Zones;

/// <summary>One zone of a set that is booted or halted together.</summary>
/// <param name="Zone">The zone's name.</param>
/// <param name="Rank">Place in the queue for a turn: a lower rank goes first.</param>
/// <param name="Limit">Time for the zone's own work, from its own start on.</param>
/// <param name="After">The zones of the set whose work is done first.</param>
public sealed record ScheduledZone(string Zone, int Rank, TimeSpan Limit, IReadOnlyList<string> After)
{
    /// <summary>The reason why the zone's work can't be done; null when there is none.</summary>
    public LofizoneException? Obstacle { get; init; }
}

/// <summary>The meaning of an order between two zones.</summary>
public enum ScheduleOrder
{
    /// <summary>The second zone's work needs the success of the first zone's work.</summary>
    NeedsSuccess,

    /// <summary>
    /// The second zone's work is done in any case: after the first zone's, or when the zone has waited for the longest limit of the set.
    /// </summary>
    EndsAnyway,
}

/// <summary>
/// Does the work of a set of zones: side by side, in their order, each zone with a limit and a result of its own. A turn is held by work
/// alone, and not by a zone that waits for another zone or for its server.
/// </summary>
/// <param name="width">Largest number of zones at work.</param>
/// <param name="order">The meaning of <see cref="ScheduledZone.After"/>.</param>
/// <param name="time">The clock of limits and pauses.</param>
public sealed class ZoneSchedule(int width, ScheduleOrder order, TimeProvider time)
{
    private readonly Turns _turns = new(width);

    /// <summary>Fails for a zone that can't be worked on now. The question holds no turn.</summary>
    public Func<string, CancellationToken, Task> Ask { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>
    /// The pause before another try, by the zone, its failure, and the number of its earlier failures; null for no other try.
    /// </summary>
    public Func<string, Exception, int, CancellationToken, Task<TimeSpan?>> Pause { get; init; } =
        (_, _, _, _) => Task.FromResult<TimeSpan?>(null);

    /// <summary>Does the work on all zones; returns the failures by zone.</summary>
    /// <param name="zones">The set. The order of its zones has no cycle.</param>
    /// <param name="run">The work on one zone.</param>
    /// <param name="cancellation">Ends all of the work.</param>
    /// <exception cref="OperationCanceledException">The caller has cancelled all of the work.</exception>
    public async Task<IReadOnlyDictionary<string, Exception>> RunAsync(
        IReadOnlyCollection<ScheduledZone> zones, Func<string, CancellationToken, Task> run, CancellationToken cancellation)
    {
        ConcurrentDictionary<string, Exception> failed = new(StringComparer.Ordinal);
        Dictionary<string, TaskCompletionSource> ends = zones.ToDictionary(
            z => z.Zone, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), StringComparer.Ordinal);
        TimeSpan longest = zones.Select(z => z.Limit).DefaultIfEmpty().Max();
        // The first zones reach the queue for turns in the order of their ranks.
        Task[] all = [.. zones.OrderBy(z => z.Rank).ThenBy(z => z.Zone, StringComparer.Ordinal).Select(OneAsync)];
        await Task.WhenAll(all);
        cancellation.ThrowIfCancellationRequested();
        return failed;

        async Task OneAsync(ScheduledZone zone)
        {
            try
            {
                if (order == ScheduleOrder.NeedsSuccess)
                    await RunNeedyAsync(zone, ends, failed, run, cancellation);
                else
                    await RunAnywayAsync(zone, ends, longest, run, cancellation);
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                failed[zone.Zone] = error;
            }
            catch (OperationCanceledException)
            {
                // The caller's own cancellation is told once, when all zones have ended.
            }
            finally
            {
                ends[zone.Zone].SetResult();
            }
        }
    }

    private async Task RunNeedyAsync(
        ScheduledZone zone, Dictionary<string, TaskCompletionSource> ends, ConcurrentDictionary<string, Exception> failed,
        Func<string, CancellationToken, Task> run, CancellationToken cancellation)
    {
        if (zone.Obstacle is { } obstacle)
            throw obstacle;
        foreach (string first in zone.After)
        {
            await ends[first].Task.WaitAsync(cancellation);
            if (failed.ContainsKey(first))
                throw ZoneOrder.NotUp(zone.Zone, first, "could not be booted", $"zone boot {first}");
        }

        for (int failures = 0; ; failures++)
        {
            TimeSpan pause;
            try
            {
                await Ask(zone.Zone, cancellation);
                await _turns.TakeAsync(zone.Rank, cancellation);
                await RunInTurnAsync(zone, run, cancellation);
                return;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                if (await Pause(zone.Zone, error, failures, cancellation) is not { } next)
                    throw;
                pause = next;
            }

            await Task.Delay(pause, time, cancellation);
        }
    }

    private async Task RunAnywayAsync(
        ScheduledZone zone, Dictionary<string, TaskCompletionSource> ends, TimeSpan longest, Func<string, CancellationToken, Task> run,
        CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(longest, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            await Task.WhenAll(zone.After.Select(first => ends[first].Task)).WaitAsync(both.Token);
            await _turns.TakeAsync(zone.Rank, both.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await LimitedWork.RunAsync(zone.Zone, zone.Limit, time, Shows, c => run(zone.Zone, c), cancellation);
            return;
        }

        await RunInTurnAsync(zone, run, cancellation);
    }

    private async Task RunInTurnAsync(ScheduledZone zone, Func<string, CancellationToken, Task> run, CancellationToken cancellation)
    {
        try
        {
            await LimitedWork.RunAsync(zone.Zone, zone.Limit, time, Shows, c => run(zone.Zone, c), cancellation);
        }
        finally
        {
            _turns.Give();
        }
    }

    private const string Shows = "zone explain";
}
