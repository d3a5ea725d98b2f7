using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Runtime;

/// <summary>
/// Asks a zone's init for its progress. A program of the zone asks, in the zone and with the zone's rights. So no answer of the zone
/// reaches a program of the host, except the first part of the program's output, within a time limit.
/// </summary>
internal sealed class InitQuestions(RuntimeContext context, string zone)
{
    /// <summary>Largest number of units that a message names.</summary>
    private const int UnitLimit = 6;

    /// <summary>Limit for one answer. systemd may be busy with its start.</summary>
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(5);

    private readonly RuntimePaths _paths = context.Paths(zone);

    public async Task<InitReadiness> AskAsync(CancellationToken cancellation)
    {
        RuntimeState state = RuntimeProcesses.Read(_paths);
        using ProcessHandle? init = state.Phase == RuntimePhase.Running ? ProcessHandle.Open(state.InitPid) : null;
        if (init is null)
            return new InitReadiness(InitPhase.Ending, "ended");
        if (InitKinds.Of(_paths, init) != InitKind.Systemd)
            return new InitReadiness(InitPhase.Ready, "its init says nothing of its start, and lives");
        string[] lines = await LinesAsync(["systemctl", "is-system-running"], cancellation);
        return InitReadiness.OfSystemd(lines.Length > 0 ? SafeText.Text(lines[0].Trim()) : "");
    }

    /// <summary>Units that have failed.</summary>
    public async Task<IReadOnlyList<string>> FailedUnitsAsync(CancellationToken cancellation) =>
        Units(await LinesAsync(["systemctl", "list-units", "--failed", "--plain", "--no-legend", "--no-pager"], cancellation), column: 0);

    /// <summary>Units that init is starting, or that wait for others.</summary>
    public async Task<IReadOnlyList<string>> UnitsUnderWayAsync(CancellationToken cancellation) =>
        Units(await LinesAsync(["systemctl", "list-jobs", "--plain", "--no-legend", "--no-pager"], cancellation), column: 1);

    /// <summary>Names of the first units of a table, and the number of the others.</summary>
    internal static IReadOnlyList<string> Units(IEnumerable<string> lines, int column)
    {
        string[] names =
        [
            .. lines.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(f => f.Length > column)
            .Select(f => SafeText.Text(f[column])),
        ];
        return names.Length <= UnitLimit ? names : [.. names.Take(UnitLimit), $"{names.Length - UnitLimit} more"];
    }

    private async Task<string[]> LinesAsync(string[] command, CancellationToken cancellation)
    {
        try
        {
            ProgramResult result = await context.Programs.RunAsync(
                context.Crun(_paths, ["exec", zone, .. command]) with { TimeLimit = _answerLimit }, cancellation);
            return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (LofizoneException)
        {
            // A missing answer is an answer, too: the caller asks again until its own limit.
            return [];
        }
    }
}
