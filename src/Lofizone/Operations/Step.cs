namespace Lofizone.Operations;

/// <summary>One step of an operation that has several, with the way back.</summary>
/// <param name="Name">Short fixed name, unique in its operation: named by fault points and by messages about interrupted work.</param>
/// <param name="Title">What the user reads while it runs, for example "make the image".</param>
/// <param name="Do">Does it. Must be safe to do again after a kill, because the next command finishes or undoes what it finds.</param>
/// <param name="Undo">Undoes it after a later step failed; null for a step that leaves nothing behind.</param>
public sealed record Step(string Name, string Title, Func<CancellationToken, Task> Do, Func<CancellationToken, Task>? Undo = null)
{
    /// <summary>
    /// The undo removes what tells the next command that something is there: it is left out when another undo failed, so that
    /// the next command can go on.
    /// </summary>
    public bool KeepUnlessAllUndone { get; init; }

    /// <summary>Work that waits for nothing.</summary>
    public static Func<CancellationToken, Task> Now(Action action) => _ =>
    {
        action();
        return Task.CompletedTask;
    };
}
