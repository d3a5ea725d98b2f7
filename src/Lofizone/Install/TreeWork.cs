namespace Lofizone.Install;

/// <summary>
/// Runs work on a zone's files on another thread. Every read of such a file may wait in the kernel for a silent server, and no token ends
/// that wait. The caller can give up all the same, and its process can end.
/// </summary>
internal static class TreeWork
{
    /// <summary>Time that cancelled work has to end in order.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(5);

    public static async Task<T> RunAsync<T>(Func<T> action, TimeProvider time, CancellationToken cancellation)
    {
        Task<T> work = Task.Run(action, cancellation);
        try
        {
            return await work.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // Open files in the zone's file system would prevent its unmount.
            await Task.WhenAny(work, Task.Delay(_grace, time, CancellationToken.None));
            throw;
        }
    }
}
