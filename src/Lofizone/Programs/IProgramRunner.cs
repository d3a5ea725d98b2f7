namespace Lofizone.Programs;

/// <summary>Starts the programs that this system is built on (crun, mkfs, ip, …). Tests replace programs only here.</summary>
public interface IProgramRunner
{
    /// <summary>
    /// Runs a program to its end. Throws a <see cref="LofizoneException"/> that names the package to install when the program is missing.
    /// </summary>
    Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation);

    /// <summary>
    /// Absolute path of a program. A program that is named by a path stays as it is; any other is searched in
    /// <see cref="ProgramDirectories"/>. Null when the program is missing.
    /// </summary>
    string? Find(string program);
}

public static class ProgramRunnerExtensions
{
    /// <summary>
    /// Runs a program that must succeed. A failure throws an exception with the command line and the end of standard error.
    /// </summary>
    public static async Task<ProgramResult> RunCheckedAsync(this IProgramRunner runner, ProgramCall call, CancellationToken cancellation)
    {
        ProgramResult result = await runner.RunAsync(call, cancellation);
        if (result.ExitCode == 0)
            return result;
        string said = result.Error.Trim() is { Length: > 0 } error ? error : result.Output.Trim();
        throw new LofizoneException(
            $"{call.Program} {string.Join(' ', call.Arguments)}: exit code {result.ExitCode}{(said.Length > 0 ? ": " + said : "")}");
    }
}
