using Lofizone.Lofi;

namespace Lofizone.Zones;

/// <summary>
/// Looks, while an operation on a zone runs, whether the zone's device waits for its server or for room on its share, and says so. What waits in the
/// kernel can't be ended by the command that waits there: when patience is over the device is given up, so that the operation fails and ends.
/// </summary>
/// <param name="zone">The zone's name.</param>
/// <param name="stall">Asks why the device waits now; null when it does not.</param>
/// <param name="abort">Gives the device up.</param>
/// <param name="reporter">Told.</param>
/// <param name="time">The clock.</param>
internal sealed class StallWatch(
    string zone, Func<CancellationToken, Task<DeviceStall?>> stall, Func<CancellationToken, Task<DeviceStall?>> abort, IReporter reporter, TimeProvider time)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(0.5);

    /// <summary>Runs the work to its end, whatever the device does.</summary>
    /// <param name="work">The operation.</param>
    /// <param name="patience">How long the device may wait without a break; null waits with it for ever.</param>
    public async Task RunAsync(Func<Task> work, TimeSpan? patience)
    {
        using CancellationTokenSource end = new();
        // On threads of its own: the work may wait in the kernel.
        Task watch = Task.Run(() => WatchAsync(patience, end.Token), CancellationToken.None);
        try
        {
            await Task.Run(work, CancellationToken.None);
        }
        finally
        {
            await end.CancelAsync();
            await watch;
        }
    }

    private async Task WatchAsync(TimeSpan? patience, CancellationToken end)
    {
        try
        {
            long? since = null;
            while (true)
            {
                await Task.Delay(_interval, time, end);
                DeviceStall? now = await stall(end);
                // On a busy machine an answer may be late once.
                if (now is not null && since is null)
                    now = await stall(end);
                if (now is null && since is not null)
                    reporter.Line($"{zone}: its I/O goes on");
                if (now is not null && since is null)
                    reporter.Line($"{zone}: {now}; waiting{(patience is { } limit ? $" for {limit.TotalSeconds:0} s" : "")}. To give up what is not stored: zone halt --force {zone}");
                since = now is null ? null : since ?? time.GetTimestamp();
                if (now is null || since is not { } start || patience is not { } most || time.GetElapsedTime(start) < most)
                    continue;
                reporter.Line($"{zone}: {now}; what is not stored is given up");
                await abort(end);
                return;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or LofizoneException or IOException)
        {
            // The work has ended, or the device went away just now: then the work says what became of it.
        }
    }
}
