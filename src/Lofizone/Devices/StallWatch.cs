using Lofizone.Engine;
using Lofizone.Interop;

namespace Lofizone.Devices;

/// <summary>
/// Checks, while a command works with a device, whether the device waits for its server or for room on its share, and reports that. Calls
/// that wait in the kernel are made in a child (<see cref="Programs.IKernelCalls"/>) or end when the device is given up, so that the work
/// always has an end.
/// </summary>
/// <param name="subject">The device.</param>
/// <param name="reporter">Gets the report of a wait.</param>
/// <param name="time">The clock.</param>
internal sealed class StallWatch(StallSubject subject, IReporter reporter, TimeProvider time)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(0.5);

    private DeviceStall? _endedFor;

    /// <summary>Runs the work until it ends or the patience is over.</summary>
    /// <param name="work">The work. It heeds its cancellation except in calls that wait in the kernel.</param>
    /// <param name="patience">Patience with the device.</param>
    /// <param name="cancellation">The user's cancellation. The work then does not wait for the device any longer.</param>
    /// <exception cref="LofizoneException">The device waited for longer than the patience allows.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> work, StallPatience patience, CancellationToken cancellation)
    {
        using CancellationTokenSource over = new();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // The watch has a thread of its own, because the work may wait in the kernel.
        Task watch = Task.Run(() => WatchAsync(patience, stop, over.Token, cancellation), CancellationToken.None);
        try
        {
            await Task.Run(() => work(stop.Token), CancellationToken.None);
        }
        catch (Exception error) when (_endedFor is { } stall && !cancellation.IsCancellationRequested)
        {
            LofizoneException refusal = subject.Refusal(stall);
            throw error is LofizoneException
                ? new LofizoneException($"{refusal.Message}\n{error.Message}", refusal.Advice, error)
                : refusal;
        }
        finally
        {
            await over.CancelAsync();
            await watch;
        }
    }

    private async Task WatchAsync(StallPatience patience, CancellationTokenSource stop, CancellationToken over, CancellationToken user)
    {
        try
        {
            (long Ticks, DateTimeOffset At)? since = null;
            while (true)
            {
                await Task.Delay(_interval, time, over);
                DeviceStall? now = await subject.Stall(over);
                // On a busy machine an answer may be late once, so the question is repeated.
                if (now is not null && since is null)
                    now = await subject.Stall(over);
                if (now is null && since is not null)
                    reporter.Line($"{subject.Name}: its I/O goes on");
                if (now is not null && since is null)
                    Tell(now, patience);
                since = now is null ? null : since ?? (time.GetTimestamp(), time.GetUtcNow());
                if (now is null || since is not { } start
                    || !(user.IsCancellationRequested || time.GetElapsedTime(start.Ticks) >= patience.After))
                    continue;
                if (await EndAsync(now with { Since = now.Since ?? start.At }, patience.End, stop, over))
                    return;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or LofizoneException or IOException)
        {
            // The work has ended, or the device has just gone away. Then the work reports the result.
        }
    }

    private void Tell(DeviceStall now, StallPatience patience)
    {
        string limit = patience.After is { } most ? $" for {most.TotalSeconds:0} s" : "";
        reporter.Line($"{subject.Name}: {now}; waiting{limit}. To give up what is not stored: {subject.GiveUp}");
    }

    /// <summary>False when the device has just gone on.</summary>
    private async Task<bool> EndAsync(DeviceStall now, StallEnd end, CancellationTokenSource stop, CancellationToken over)
    {
        if (end == StallEnd.GiveUpDevice)
        {
            reporter.Warning($"{subject.Name}: {now}; what is not stored is given up");
            if (await subject.Abort(over) is not null)
                return true;
            // Either the device goes on, or the device is on a mount of the administrator, which only the administrator may give up.
            if (await subject.Stall(over) is null)
                return false;
        }

        _endedFor = now;
        await stop.CancelAsync();
        return true;
    }
}
