namespace Lofizone.Zones;

/// <summary>
/// Runs work on one zone with a limit, on a thread of its own, because work that waits in the kernel must not block other work.
/// </summary>
internal static class LimitedWork
{
    /// <summary>Time for the undoing of a zone's work after its limit. After that time the zone is left alone.</summary>
    public static readonly TimeSpan WayBack = TimeSpan.FromSeconds(30);

    /// <param name="zone">The zone, or another thing that the work is on.</param>
    /// <param name="limit">Time for the work.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="shows">The command that shows a zone which took too long.</param>
    /// <param name="run">The work.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="LofizoneException">The work did not end in time.</exception>
    public static async Task RunAsync(
        string zone, TimeSpan limit, TimeProvider time, string shows, Func<CancellationToken, Task> run, CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(limit, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            Task work = Task.Factory
                .StartNew(() => run(both.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .Unwrap();
            await work.WaitAsync(limit + WayBack, time, CancellationToken.None);
        }
        catch (Exception error) when (error is TimeoutException || (error is OperationCanceledException && late.IsCancellationRequested))
        {
            throw new LofizoneException(
                $"{zone}: no end after {limit.TotalSeconds:0} s; given up", $"'{shows} {zone}' shows what there is of it", error);
        }
    }
}
