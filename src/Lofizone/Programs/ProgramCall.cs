namespace Lofizone.Programs;

/// <summary>One run of a program: an argument vector, never a shell line.</summary>
/// <param name="Program">A name that is searched in <see cref="ProgramDirectories"/>, or a path.</param>
/// <param name="Arguments">Arguments, each passed unchanged.</param>
public sealed record ProgramCall(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Text for the program's standard input, which is then closed. Null gives an empty input.</summary>
    public string? Input { get; init; }

    /// <summary>Variables that are added to the environment; a null value removes the variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>True: the program shares this process's terminal, and its output is not captured.</summary>
    public bool Interactive { get; init; }

    /// <summary>
    /// Time after which the program is killed; null for no limit. The caller's cancellation ends the program in any case.
    /// </summary>
    public TimeSpan? TimeLimit { get; init; }
}

/// <summary>The end of a program.</summary>
/// <param name="ExitCode">Exit code; 128 + signal number when a signal ended it.</param>
/// <param name="Output">Standard output, at most <see cref="ProgramRunner.OutputLimitBytes"/>.</param>
/// <param name="Error">Standard error, at most <see cref="ProgramRunner.OutputLimitBytes"/>.</param>
public sealed record ProgramResult(int ExitCode, string Output, string Error);
