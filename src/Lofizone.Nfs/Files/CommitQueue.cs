namespace Lofizone.Nfs.Files;

/// <summary>
/// Commits, one at a time. Each caller gets a commit that begins after the call. A commit that is under way began earlier, so all callers
/// that arrive during it share the next commit.
/// </summary>
/// <param name="commit">Commits. IOException and ObjectDisposedException reach the callers; the next commit runs all the same.</param>
internal sealed class CommitQueue(Func<Task> commit)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _running;
    private TaskCompletionSource? _next;

    /// <summary>Completes when a commit that begins from now on has ended.</summary>
    public Task RunAsync()
    {
        TaskCompletionSource mine;
        lock (_gate)
        {
            if (_running is not null)
                return (_next ??= new TaskCompletionSource()).Task;
            mine = _running = new TaskCompletionSource();
        }
        _ = RunAllAsync(mine);
        return mine.Task;
    }

    private async Task RunAllAsync(TaskCompletionSource current)
    {
        while (true)
        {
            Exception? failure = null;
            try
            {
                await commit();
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                failure = error;
            }
            TaskCompletionSource? next;
            lock (_gate)
            {
                next = _next;
                _next = null;
                _running = next;
            }
            if (failure is null)
                current.SetResult();
            else
                current.SetException(failure);
            if (next is null)
                return;
            current = next;
        }
    }
}
