namespace Lofizone.Operations;

/// <summary>One step of an operation, with its undo action.</summary>
/// <param name="Name">Short fixed name, unique in its operation. Fault points and messages about interrupted work use the name.</param>
/// <param name="Title">Text for the user while the step runs, for example "make the image".</param>
/// <param name="Do">The work. Must be safe to repeat after a kill, because the next command finishes or undoes interrupted work.</param>
/// <param name="Undo">Undoes the work after a later step failed; null for a step that leaves nothing behind.</param>
public sealed record Step(string Name, string Title, Func<CancellationToken, Task> Do, Func<CancellationToken, Task>? Undo = null)
{
    /// <summary>
    /// True when the undo action removes the record that the next command finds the work by. The action is skipped when another undo action
    /// failed, so that the next command can go on.
    /// </summary>
    public bool KeepUnlessAllUndone { get; init; }

    /// <summary>Makes work that waits for nothing into a step's work.</summary>
    public static Func<CancellationToken, Task> Now(Action action) => _ =>
    {
        action();
        return Task.CompletedTask;
    };
}
