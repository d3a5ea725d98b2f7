using System.CommandLine;
using Lofizone.Basics;
using Lofizone.Cli.Output;
using Lofizone.Devices;
using Lofizone.Logs;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone autoboot</c> and <c>zone autohalt</c>, which the host's start and stop call.
internal static class HostCommands
{
    private static readonly BackOff _pauses = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));

    /// <summary>
    /// Limits for one zone. A boot may have to check a large image first. A halt needs up to 60 s each for the shutdown and the flush, and
    /// some time for the rest.
    /// </summary>
    private static readonly TimeSpan _bootLimit = TimeSpan.FromMinutes(10), _haltLimit = TimeSpan.FromSeconds(150);

    public static Command CreateAutoboot()
    {
        Option<bool> wait = new("--wait-for-servers") { Description = "try zones whose server does not answer again until it does" };
        Command command = new("autoboot", "boot every zone that has autoboot=true; for the start of the host") { wait };
        command.SetAction((parsed, cancellation) => AutobootAsync(parsed.GetValue(wait), cancellation));
        return command;
    }

    /// <summary>
    /// After a power cut the server may be up later than the host. Only zones whose boot failed for that reason are tried again, so that a
    /// zone which a user halts in the meantime stays down.
    /// </summary>
    private static async Task<int> AutobootAsync(bool wait, CancellationToken cancellation)
    {
        HashSet<string> away = new(StringComparer.Ordinal);
        int failures = 0;
        Func<ZoneStatus, bool> chosen = z => z.BootsWithHost;
        for (int rounds = 0; ; rounds++)
        {
            Func<ZoneStatus, bool> now = chosen;
            bool Boots(ZoneStatus z) => now(z) && z.State is ZoneState.Installed or ZoneState.Down;
            int result = await EachAsync("autoboot", _bootLimit, Boots, async (zone, stop) =>
            {
                try
                {
                    await zone.BootAsync(stop);
                }
                catch (LofizoneException error)
                {
                    if (!await IsAwayAsync(zone.Name, error, cancellation))
                    {
                        Interlocked.Increment(ref failures);
                        throw;
                    }

                    lock (away)
                        away.Add(zone.Name);
                    throw;
                }
            }, cancellation);
            if (!wait || away.Count == 0)
                return failures > 0 ? Failure.ExitFailure : result;
            TimeSpan pause = _pauses.After(rounds);
            await Console.Error.WriteLineAsync(
                $"zone autoboot: tried again in {pause.TotalSeconds:0} s, since their servers do not answer: "
                + $"{string.Join(' ', away.Order())}");
            await Task.Delay(pause, TimeProvider.System, cancellation);
            HashSet<string> again = [.. away];
            away.Clear();
            chosen = z => again.Contains(z.Name);
        }
    }

    private static async Task<bool> IsAwayAsync(string zone, LofizoneException error, CancellationToken cancellation) =>
        ZoneHost.FromEnvironment().Require(zone).Config.RootImage is { } image
            ? await ServerAway.IsReasonAsync(error, ZonePaths.Image(zone, image), cancellation)
            : ServerAway.IsReason(error);

    public static Command CreateAutohalt()
    {
        Command command = new("autohalt", "halt every zone that is up, then detach all other devices; for the stop of the host");
        command.SetAction(async (_, cancellation) =>
        {
            int zones = await EachAsync("autohalt", _haltLimit, z => z.State.IsUp(), (zone, stop) => zone.StopAsync(stop), cancellation);
            return Math.Max(zones, await DetachAllAsync(cancellation));
        });
        return command;
    }

    /// <summary>
    /// Detaches the devices that were attached by hand. Such a device has no zone whose halt would store the device's data.
    /// </summary>
    private static async Task<int> DetachAllAsync(CancellationToken cancellation)
    {
        ZoneHost host = ZoneHost.FromEnvironment();
        Dictionary<string, LofiDevice> devices = host.Lofi.List().Where(d => d.ZoneName is null).ToDictionary(d => d.Link);
        EachZone each = new(EachZone.WidthOf(Environment.ProcessorCount), _haltLimit, host.Time, "lofiadm");
        IReadOnlyDictionary<string, Exception> failed = await each.RunAsync(
            devices.Keys,
            (link, stop) => DeviceStop.RunAsync(host.Lofi, devices[link], host.Kernel, host.Time, stop),
            cancellation);
        foreach (LofiDevice device in devices.Values.Where(d => !failed.ContainsKey(d.Link)))
            await Console.Out.WriteLineAsync($"{device.Link}: {device.File}: stored and detached");
        foreach ((string link, Exception error) in failed.OrderBy(f => f.Key, StringComparer.Ordinal))
            Failure.Print(link, error);
        return failed.Count > 0 ? Failure.ExitFailure : 0;
    }

    /// <summary>Side by side; a zone that fails or takes too long is told, and keeps no other from its turn.</summary>
    private static async Task<int> EachAsync(
        string verb, TimeSpan limit, Func<ZoneStatus, bool> chosen, Func<Zone, CancellationToken, Task> run, CancellationToken cancellation)
    {
        Root.Require("autoboot and autohalt");
        ZoneHost host = ZoneHost.FromEnvironment();
        ConsoleReporter console = new(host.Time);
        BrokenZones broken = new("zone");
        string[] zones = [.. broken.Sound(host).Where(chosen).Select(z => z.Name)];
        EachZone each = new(EachZone.WidthOf(Environment.ProcessorCount), limit, host.Time);
        IReadOnlyDictionary<string, Exception> failed = await each.RunAsync(
            zones,
            (name, stop) => Lifecycle.NoteAsync(
                host.Paths, name, verb, () => run(new Zone(host, name, Reporter(host, name, console)), stop)),
            cancellation);
        foreach ((string name, Exception error) in failed.OrderBy(f => f.Key, StringComparer.Ordinal))
            Failure.Print($"zone {name}", error);
        return Math.Max(failed.Count > 0 ? Failure.ExitFailure : 0, broken.Report());
    }

    /// <summary>
    /// The reporter of one zone. Lines of many zones come in any order. In a unit of systemd each line goes to the journal with its zone as
    /// a field.
    /// </summary>
    private static IReporter Reporter(ZoneHost host, string zone, ConsoleReporter console) => HostLog.IsOutputInJournal(host.Paths)
        ? new LogReporter(HostLog.Open(host.Paths, zone, Path.Combine(host.Paths.Log, HostLog.ZonesFile)))
        : new ZoneReporter(console, host.Paths, zone, ZoneNaming.Always);
}
