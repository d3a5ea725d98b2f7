namespace Lofizone.Programs;

/// <summary>One run of a program: an argument vector, never a shell line.</summary>
/// <param name="Program">Name to find in <see cref="ProgramDirectories"/>, or a path.</param>
/// <param name="Arguments">Arguments, each passed as it is.</param>
public sealed record ProgramCall(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Written to the program's standard input, which is closed after it; null gives an empty one.</summary>
    public string? Input { get; init; }

    /// <summary>Added to (or, with a null value, taken from) the environment.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Share this process's terminal instead of capturing the output.</summary>
    public bool Interactive { get; init; }

    /// <summary>The program is killed after this long; null waits for ever (the caller's cancellation still ends it).</summary>
    public TimeSpan? TimeLimit { get; init; }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Exit code; 128 + signal number when a signal ended it.</param>
/// <param name="Output">Standard output, at most <see cref="ProgramRunner.OutputLimitBytes"/>.</param>
/// <param name="Error">Standard error, likewise.</param>
public sealed record ProgramResult(int ExitCode, string Output, string Error);
