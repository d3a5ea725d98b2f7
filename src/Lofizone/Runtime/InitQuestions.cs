using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Runtime;

/// <summary>
/// Asks a zone's init how far it is. What asks is a program of the zone's, run in the zone with the zone's rights, so that nothing the zone
/// could answer reaches a program of the host: of its output the start is read, within a limit of time.
/// </summary>
internal sealed class InitQuestions(RuntimeContext context, string zone)
{
    /// <summary>Most units that a message names.</summary>
    private const int UnitLimit = 6;

    /// <summary>For one answer: systemd may be busy with its start.</summary>
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
        return InitReadiness.OfSystemd(lines.Length > 0 ? Shown.Text(lines[0].Trim()) : "");
    }

    /// <summary>Units that have failed.</summary>
    public async Task<IReadOnlyList<string>> FailedUnitsAsync(CancellationToken cancellation) =>
        Units(await LinesAsync(["systemctl", "list-units", "--failed", "--plain", "--no-legend", "--no-pager"], cancellation), column: 0);

    /// <summary>Units that it is starting, or that wait for others.</summary>
    public async Task<IReadOnlyList<string>> UnitsUnderWayAsync(CancellationToken cancellation) =>
        Units(await LinesAsync(["systemctl", "list-jobs", "--plain", "--no-legend", "--no-pager"], cancellation), column: 1);

    /// <summary>Names of the first units of a table, and how many there are besides.</summary>
    internal static IReadOnlyList<string> Units(IEnumerable<string> lines, int column)
    {
        string[] names =
        [
            .. lines.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(f => f.Length > column)
            .Select(f => Shown.Text(f[column])),
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
            // No answer in time is an answer, too: it is asked again until the limit of whoever waits.
            return [];
        }
    }
}
