namespace Lofizone.Operations;

/// <summary>
/// The way back of work in several steps: undo actions are added as steps succeed and run in reverse order unless
/// <see cref="Succeed"/> was reached.
/// </summary>
public sealed class Reverter
{
    /// <summary>How long all undo actions together may take, seconds; a dead server must not hold the command for ever.</summary>
    public const int TimeLimitSeconds = 120;

    private readonly Stack<(string Title, Func<CancellationToken, Task> Undo, bool KeepUnlessAllUndone)> _undo = new();

    /// <param name="title">Said when it fails.</param>
    /// <param name="undo">The way back.</param>
    /// <param name="keepUnlessAllUndone">Left out when an undo before it has failed.</param>
    public void Add(string title, Func<CancellationToken, Task> undo, bool keepUnlessAllUndone = false) =>
        _undo.Push((title, undo, keepUnlessAllUndone));

    /// <summary>The work is done: forget the way back.</summary>
    public void Succeed() => _undo.Clear();

    /// <summary>Runs every undo action, also when one of them fails; returns what could not be undone.</summary>
    public async Task<IReadOnlyList<string>> RevertAsync(TimeProvider time)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(TimeLimitSeconds), time);
        List<string> failures = [];
        while (_undo.TryPop(out (string Title, Func<CancellationToken, Task> Undo, bool KeepUnlessAllUndone) step))
        {
            if (step.KeepUnlessAllUndone && failures.Count > 0)
                continue;
            try
            {
                await step.Undo(limit.Token);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                failures.Add($"{step.Title}: {error.Message}");
            }
        }

        return failures;
    }
}
