using System.CommandLine;
using System.Globalization;
using Lofizone.Cli.Output;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Cli.Zone;

/// <summary><c>zone autoboot</c> and <c>zone autohalt</c>: what the host's own start and stop call.</summary>
internal static class HostCommands
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    public static Command CreateAutoboot()
    {
        Option<bool> wait = new("--wait-for-servers") { Description = "try zones whose server does not answer again until it does" };
        Command command = new("autoboot", "boot every zone that has autoboot=true; for the start of the host") { wait };
        command.SetAction((parsed, cancellation) => AutobootAsync(parsed.GetValue(wait), cancellation));
        return command;
    }

    /// <summary>
    /// After a power cut the server may be up later than the host. Only zones that could not be booted for that are tried again: one that somebody
    /// halts meanwhile stays down.
    /// </summary>
    private static async Task<int> AutobootAsync(bool wait, CancellationToken cancellation)
    {
        HashSet<string> away = new(StringComparer.Ordinal);
        int failures = 0;
        Func<ZoneStatus, bool> chosen = z => z.Record.Config.Autoboot;
        for (TimeSpan pause = _firstPause; ; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
        {
            Func<ZoneStatus, bool> now = chosen;
            int result = await EachAsync(z => now(z) && z.State is (ZoneState.Installed or ZoneState.Down), async zone =>
            {
                try
                {
                    await zone.BootAsync(cancellation);
                }
                catch (LofizoneException error) when (ServerAway.IsReason(error))
                {
                    lock (away)
                        away.Add(zone.Name);
                    throw;
                }
                catch (LofizoneException)
                {
                    Interlocked.Increment(ref failures);
                    throw;
                }
            });
            if (!wait || away.Count == 0)
                return failures > 0 ? Failure.ExitFailure : result;
            await Console.Error.WriteLineAsync(
                string.Create(CultureInfo.InvariantCulture, $"zone autoboot: tried again in {pause.TotalSeconds:0} s, since their servers do not answer: {string.Join(' ', away.Order())}"));
            await Task.Delay(pause, TimeProvider.System, cancellation);
            HashSet<string> again = [.. away];
            away.Clear();
            chosen = z => again.Contains(z.Name);
        }
    }

    public static Command CreateAutohalt()
    {
        Command command = new("autohalt", "halt every zone that is up; for the stop of the host");
        command.SetAction((_, cancellation) => EachAsync(z => z.State.IsUp(), zone => zone.StopAsync(cancellation)));
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
