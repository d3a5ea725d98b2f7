namespace Lofizone.Operations;

/// <summary>
/// The undo actions of work in several steps. An action is added when its step succeeds. All actions run in reverse order unless
/// <see cref="Succeed"/> was reached.
/// </summary>
public sealed class Reverter
{
    /// <summary>Limit for all undo actions together, seconds. A dead server must not hold the command forever.</summary>
    public const int TimeLimitSeconds = 120;

    private readonly Stack<(string Title, Func<CancellationToken, Task> Undo, bool KeepUnlessAllUndone)> _undo = new();

    /// <param name="title">Title for the message about a failure of the action.</param>
    /// <param name="undo">The undo action.</param>
    /// <param name="keepUnlessAllUndone">Skip the action when an earlier action has failed.</param>
    public void Add(string title, Func<CancellationToken, Task> undo, bool keepUnlessAllUndone = false) =>
        _undo.Push((title, undo, keepUnlessAllUndone));

    /// <summary>Forgets the undo actions, because the work is done.</summary>
    public void Succeed() => _undo.Clear();

    /// <summary>Runs all undo actions, also after a failure. Returns the titles of the failed actions.</summary>
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
