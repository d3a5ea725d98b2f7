using Lofizone.Hosts;
using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>The project's commands, run as one throw-away host.</summary>
public sealed class HostCommands(string bin, string root, IProgramRunner runner)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    public HostPaths Paths { get; } = new(root);

    /// <summary>Runs <c>zone</c> or one of the Solaris names; anything but success throws.</summary>
    public Task<ProgramResult> RunAsync(string command, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        runner.RunCheckedAsync(new ProgramCall(Path.Combine(bin, command), arguments)
        {
            Environment = new Dictionary<string, string?> { [HostPaths.RootVariable] = Paths.Root },
            TimeLimit = _limit,
        }, cancellation);
}
