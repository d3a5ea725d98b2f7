namespace Lofizone;

/// <summary>
/// A failure the user can understand: <see cref="Exception.Message"/> says what failed and on which zone, file or server;
/// <see cref="Advice"/> says what to do next. Printed without a stack trace; exit code 1.
/// </summary>
public sealed class LofizoneException(string message, string? advice = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One line that says what to do next, often a command to run; null when the message already does.</summary>
    public string? Advice { get; } = advice;
}
