namespace Lofizone;

/// <summary>Whose turn it is after a failure.</summary>
public enum FailureKind
{
    /// <summary>Something could not be done; exit code 1.</summary>
    Failed,

    /// <summary>The user has written something that makes no sense, and nothing has begun; exit code 2.</summary>
    WrongUsage,
}

/// <summary>
/// A failure the user can understand: <see cref="Exception.Message"/> says what failed and on which zone, file or server;
/// <see cref="Advice"/> says what to do next. Printed without a stack trace; the exit code follows <see cref="Kind"/>.
/// </summary>
public sealed class LofizoneException(string message, string? advice = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One line that says what to do next, often a command to run; null when the message already does.</summary>
    public string? Advice { get; } = advice;

    public FailureKind Kind { get; init; }
}
