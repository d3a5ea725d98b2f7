namespace Lofizone;

/// <summary>Kind of a failure.</summary>
public enum FailureKind
{
    /// <summary>An action failed; exit code 1.</summary>
    Failed,

    /// <summary>The user's input makes no sense, and no work has begun; exit code 2.</summary>
    WrongUsage,
}

/// <summary>
/// A failure that the user can understand. <see cref="Exception.Message"/> tells what failed, on which zone, file or server;
/// <see cref="Advice"/> tells the next action. Printed without a stack trace. The exit code follows <see cref="Kind"/>.
/// </summary>
public sealed class LofizoneException(string message, string? advice = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One line with the next action, often a command to run; null when the message already tells it.</summary>
    public string? Advice { get; } = advice;

    public FailureKind Kind { get; init; }
}
