namespace Lofizone.Testing.Hosts;

/// <summary>The end of a command of a <see cref="TestHost"/>. The exit code is 137 after SIGKILL.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Output, string Error, TimeSpan Took)
{
    /// <summary>Exit code of a process ended by SIGKILL.</summary>
    public const int KilledExitCode = 137;

    public bool Succeeded => ExitCode == 0;

    public bool WasKilled => ExitCode == KilledExitCode;

    /// <summary>The command and all of its results, for the message of a failed test.</summary>
    public override string ToString() => $"{Command}: exit code {ExitCode} after {Took.TotalSeconds:0.0} s\n{Output}{Error}";
}
