namespace Lofizone.Nfs.Files;

/// <summary>
/// Commits one at a time. Whoever asks gets a commit that begins after the question: the one under way began before, so all who ask
/// meanwhile share the next one.
/// </summary>
/// <param name="commit">Commits. IOException and ObjectDisposedException reach those who asked; the next commit runs all the same.</param>
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
