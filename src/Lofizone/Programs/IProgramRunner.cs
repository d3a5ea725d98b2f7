namespace Lofizone.Programs;

/// <summary>Starts the programs this system is built on (crun, mkfs, ip, …). The one seam at which tests replace them.</summary>
public interface IProgramRunner
{
    /// <summary>
    /// Runs a program to its end. Throws <see cref="LofizoneException"/> naming the package to install when it is missing.
    /// </summary>
    Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation);

    /// <summary>
    /// Absolute path of a program: one that is named by a path as it is, any other from <see cref="ProgramDirectories"/>; null when it is
    /// not there.
    /// </summary>
    string? Find(string program);
}

public static class ProgramRunnerExtensions
{
    /// <summary>Runs a program that must succeed; otherwise throws with its command line and the end of its standard error.</summary>
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
