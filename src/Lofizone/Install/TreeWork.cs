namespace Lofizone.Install;

/// <summary>
/// Work on a zone's files, off the caller's thread: every read of one may wait in the kernel for a server that is silent, which no token
/// ends. The caller can give up all the same, and its process end.
/// </summary>
internal static class TreeWork
{
    /// <summary>How long work that looks at its token may take to end in order.</summary>
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
            // What is open in the zone's file system hinders its unmount.
            await Task.WhenAny(work, Task.Delay(_grace, time, CancellationToken.None));
            throw;
        }
    }
}
