using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Zones;

namespace Lofizone.Cli.Zone;

/// <summary><c>zone autoboot</c> and <c>zone autohalt</c>: what the host's own start and stop call.</summary>
internal static class HostCommands
{
    public static Command CreateAutoboot()
    {
        Command command = new("autoboot", "boot every zone that has autoboot=true; for the start of the host");
        command.SetAction((_, cancellation) => EachAsync(
            z => z.Record.Config.Autoboot && z.State is (ZoneState.Installed or ZoneState.Down),
            zone => zone.BootAsync(cancellation)));
        return command;
    }

    public static Command CreateAutohalt()
    {
        Command command = new("autohalt", "halt every zone that is up; for the stop of the host");
        command.SetAction((_, cancellation) => EachAsync(z => z.State.IsUp(), zone => zone.HaltAsync(force: false, cancellation)));
        return command;
    }

    /// <summary>One zone after the other; one that fails is told and does not keep the others from their turn.</summary>
    private static async Task<int> EachAsync(Func<ZoneStatus, bool> chosen, Func<Zones.Zone, Task> run)
    {
        Root.Require("autoboot and autohalt");
        ZoneHost host = ZoneHost.FromEnvironment();
        ConsoleReporter reporter = new(host.Time);
        BrokenZones broken = new("zone");
        int worst = 0;
        foreach (ZoneStatus zone in broken.Sound(host).Where(chosen).ToArray())
        {
            int result = await Failure.GuardAsync($"zone {zone.Name}", debug: false, async () =>
            {
                await run(new Zones.Zone(host, zone.Name, reporter));
                return 0;
            });
            worst = Math.Max(worst, result);
        }

        return Math.Max(worst, broken.Report());
    }
}
