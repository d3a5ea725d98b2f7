namespace Lofizone.Tests.Fleet;

/// <summary>
/// Many hosts, zones and servers under faults. Decisions about the zones' hosts are sometimes wrong; see <see cref="FleetFaults"/>. A seed
/// is one run, which can be repeated exactly.
/// </summary>
internal sealed class FleetRun
{
    /// <summary>Number of leases in which all unfinished work ends. After that, zones that run nowhere are started again.</summary>
    private const int SettleLeases = 5;

    private const int RestartLeases = 3;

    private int _attachments;

    private FleetRun(FleetSetup setup)
    {
        Setup = setup;
        Random = new Random(setup.Seed);
        Judge = new FleetJudge(Clock);
        Network = new FleetNetwork(setup, Clock, Random);
        Servers = [.. Enumerable.Range(0, setup.Servers).Select(number => new FleetServer(setup, Clock, Judge, isCourteous: number % 2 == 0))];
        Hosts = [.. Enumerable.Range(0, setup.Hosts).Select(number => new FleetHost(Clock, number, usesKernel: number % 2 == 0))];
        Zones = [.. Enumerable.Range(0, setup.Zones).Select(number => new FleetZone(number, Servers[number % setup.Servers], number % setup.Servers))];
    }

    public FleetSetup Setup { get; }

    public FleetClock Clock { get; } = new();

    public Random Random { get; }

    public FleetJudge Judge { get; }

    public FleetNetwork Network { get; }

    public IReadOnlyList<FleetServer> Servers { get; }

    public IReadOnlyList<FleetHost> Hosts { get; }

    public IReadOnlyList<FleetZone> Zones { get; }

    /// <summary>The run's fault; null when there was none.</summary>
    public string? Failure { get; private set; }

    public static FleetRun Play(FleetSetup setup)
    {
        FleetRun run = new(setup);
        foreach (FleetZone zone in run.Zones)
        {
            FleetHost host = run.Hosts[zone.Number % setup.Hosts];
            run.Clock.After(run.Random.NextInt64(setup.Lease), () => host.WhenAwake(() => _ = new FleetAttachment(run, host, zone, FleetReason.Boot)));
        }
        FleetFaults faults = new(run);
        faults.Plan();
        run.Clock.RunUntil(setup.Duration);
        faults.Mend();
        run.Clock.RunUntil(setup.Duration + setup.Lease * SettleLeases);
        // Zones that run nowhere by now are started once more. No obstacle may last.
        foreach (FleetZone zone in run.Zones.Where(zone => zone.Attachments.Count == 0))
            _ = new FleetAttachment(run, run.Hosts[zone.Number % setup.Hosts], zone, FleetReason.TakeOver);
        run.Clock.RunUntil(setup.Duration + setup.Lease * (SettleLeases + RestartLeases));
        run.Failure = run.Judgement();
        return run;
    }

    /// <summary>A number for an attachment's name.</summary>
    public int NextAttachment() => ++_attachments;

    public override string ToString() =>
        $"seed {Setup.Seed}: {Judge.Writes} writes, {Judge.Takeovers.Count} takeovers, {Judge.Fenced} fenced, {Judge.Retaken} locks taken again, {Judge.Reclaimed} reclaimed, {Clock.Events} events";

    private string? Judgement()
    {
        if (Judge.DoubleWriters.Count > 0)
            return $"{Judge.DoubleWriters.Count} writes of a former owner; the first: {Judge.DoubleWriters[0]}";
        FleetZone? wrong = Zones.FirstOrDefault(zone => zone.Attachments.Count(a => a.Phase == FleetPhase.Running) != 1);
        return wrong is null ? null
            : $"zone {wrong.Number} runs {wrong.Attachments.Count(a => a.Phase == FleetPhase.Running)} times after all is mended: {string.Join(", ", wrong.Attachments.Select(a => $"{a} {a.Phase}"))}";
    }
}
