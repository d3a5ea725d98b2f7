using Lofizone.Cli.Output;
using Lofizone.Logs;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>The zones of the host as a set, for the host's start and stop: each zone has its own lines and its own result.</summary>
internal sealed class HostSet
{
    private readonly string _verb;
    private readonly ConsoleReporter _console;
    private readonly BrokenZones _broken = new("zone");

    /// <param name="verb">The command.</param>
    public HostSet(string verb)
    {
        Root.Require("autoboot and autohalt");
        _verb = verb;
        Host = ZoneHost.FromEnvironment();
        _console = new ConsoleReporter(Host.Time);
        Order = new ZoneOrder(_broken.Sound(Host));
    }

    public ZoneHost Host { get; }

    public ZoneOrder Order { get; }

    /// <summary>Does the work on the zones; a zone that fails or takes too long is told, and keeps no other from its turn.</summary>
    /// <returns>The command's exit code.</returns>
    public async Task<int> RunAsync(
        ZoneSchedule schedule, IReadOnlyList<ScheduledZone> zones, Func<Zone, CancellationToken, Task> run, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, Exception> failed = await schedule.RunAsync(
            zones,
            (name, stop) => Lifecycle.NoteAsync(Host.Paths, name, _verb, () => run(new Zone(Host, name, Reporter(name)), stop)),
            cancellation);
        foreach ((string name, Exception error) in failed.OrderBy(f => f.Key, StringComparer.Ordinal))
            Failure.Print($"zone {name}", error);
        return Math.Max(failed.Count > 0 ? Failure.ExitFailure : 0, _broken.Report());
    }

    public void Say(string line) => Console.Error.WriteLine($"zone {_verb}: {line}");

    /// <summary>Tells why a zone is tried again, and the same to the zones that wait for it.</summary>
    public void Say(string zone, Exception error, IReadOnlyList<string> waiting)
    {
        Failure.Print($"zone {zone}", error);
        Say($"{zone} is tried again until its server answers");
        foreach (string other in waiting)
            Say($"{other} waits for {zone}, which it depends on (boot-dependency)");
    }

    /// <summary>
    /// The reporter of one zone. Lines of many zones come in any order. In a unit of systemd each line goes to the journal with its zone as
    /// a field.
    /// </summary>
    private IReporter Reporter(string zone) => HostLog.IsOutputInJournal(Host.Paths)
        ? new LogReporter(HostLog.Open(Host.Paths, zone, Path.Combine(Host.Paths.Log, HostLog.ZonesFile)))
        : new ZoneReporter(_console, Host.Paths, zone, ZoneNaming.Always);
}
