using Lofizone.Engine;
using Lofizone.Interop;

namespace Lofizone.Devices;

/// <summary>
/// Looks, while something is done with a device, whether the device waits for its server or for room on its share, and says so. Whatever
/// waits in the kernel does that in a child (<see cref="Programs.IKernelCalls"/>) or ends when the device is given up, so that the work
/// always has an end.
/// </summary>
/// <param name="subject">The device.</param>
/// <param name="reporter">Told.</param>
/// <param name="time">The clock.</param>
internal sealed class StallWatch(StallSubject subject, IReporter reporter, TimeProvider time)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(0.5);

    private DeviceStall? _endedFor;

    /// <summary>Runs the work until it ends, or patience does.</summary>
    /// <param name="work">Heeds its cancellation, but in calls that wait in the kernel.</param>
    /// <param name="patience">With the device.</param>
    /// <param name="cancellation">The user's: a device that waits is waited for no longer then.</param>
    /// <exception cref="LofizoneException">The device waited for longer than the work has patience.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> work, StallPatience patience, CancellationToken cancellation)
    {
        using CancellationTokenSource over = new();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // On threads of its own: the work may wait in the kernel.
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
                // On a busy machine an answer may be late once.
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
            // The work has ended, or the device went away just now: then the work says what became of it.
        }
    }

    private void Tell(DeviceStall now, StallPatience patience)
    {
        string limit = patience.After is { } most ? $" for {most.TotalSeconds:0} s" : "";
        reporter.Line($"{subject.Name}: {now}; waiting{limit}. To give up what is not stored: {subject.GiveUp}");
    }

    /// <summary>False when the device goes on just now.</summary>
    private async Task<bool> EndAsync(DeviceStall now, StallEnd end, CancellationTokenSource stop, CancellationToken over)
    {
        if (end == StallEnd.GiveUpDevice)
        {
            reporter.Warning($"{subject.Name}: {now}; what is not stored is given up");
            if (await subject.Abort(over) is not null)
                return true;
            // It goes on, or it is on a mount of the administrator's, which only he may give up.
            if (await subject.Stall(over) is null)
                return false;
        }

        _endedFor = now;
        await stop.CancelAsync();
        return true;
    }
}
