using System.CommandLine;
using Lofizone.Basics;
using Lofizone.Cli.Output;
using Lofizone.Devices;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone autoboot</c> and <c>zone autohalt</c>, which the host's start and stop call.
internal static class HostCommands
{
    private static readonly BackOff _pauses = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));

    /// <summary>Limit of one zone's boot, which may have to check a large image first, and of the detach of a device.</summary>
    private static readonly TimeSpan _bootLimit = TimeSpan.FromMinutes(10), _detachLimit = TimeSpan.FromSeconds(150);

    public static Command CreateAutoboot()
    {
        Option<bool> wait = new("--wait-for-servers") { Description = "try zones whose server does not answer again until it does" };
        Command command = new("autoboot", "boot every zone that has autoboot=true; for the start of the host") { wait };
        command.SetAction((parsed, cancellation) => AutobootAsync(parsed.GetValue(wait), cancellation));
        return command;
    }

    /// <summary>
    /// After a power cut the server may be up later than the host. Only zones whose boot failed for that reason are tried again, and the
    /// zones that wait for them, so that a zone which a user halts in the meantime stays down.
    /// </summary>
    private static async Task<int> AutobootAsync(bool wait, CancellationToken cancellation)
    {
        HostSet set = new("autoboot");
        ZoneHost host = set.Host;
        foreach (IReadOnlyList<string> cycle in set.Order.Cycles)
        {
            set.Say(
                $"warning: boot-dependency goes in a circle through {string.Join(", ", cycle)}; the order of these zones among each other "
                + "does not count");
        }

        ZoneSchedule schedule = new(EachZone.WidthOf(Environment.ProcessorCount), ScheduleOrder.NeedsSuccess, host.Time)
        {
            Ask = (zone, stop) => RequireServerAsync(host, zone, stop),
            Pause = async (zone, error, failures, stop) =>
            {
                if (!wait || !await IsAwayAsync(host, zone, error, stop))
                    return null;
                if (failures == 0)
                    set.Say(zone, error, set.Order.DependentsOf(zone));
                return _pauses.After(failures);
            },
        };
        return await set.RunAsync(
            schedule,
            set.Order.ForBoot(_bootLimit),
            (zone, stop) => host.Status(host.Require(zone.Name)) switch
            {
                { State: ZoneState.Running } => Task.CompletedTask,
                { Record.Config.Autoboot: false } => throw new LofizoneException($"{zone.Name}: not booted: it has autoboot=false now"),
                _ => zone.BootAsync(stop),
            },
            cancellation);
    }

    /// <summary>A zone whose server is silent takes no turn, and so delays no other zone.</summary>
    private static async Task RequireServerAsync(ZoneHost host, string zone, CancellationToken cancellation)
    {
        if (host.Require(zone).Config.RootImage is { } image && !await ServerAway.AnswersAsync(ZonePaths.Image(zone, image), cancellation))
            throw new LofizoneException(
                $"{zone}: its server does not answer: {image.Storage}", $"when the server is back: zone boot {zone}");
    }

    private static async Task<bool> IsAwayAsync(ZoneHost host, string zone, Exception error, CancellationToken cancellation) =>
        host.Index.Load(zone)?.Config.RootImage is { } image
            ? await ServerAway.IsReasonAsync(error, ZonePaths.Image(zone, image), cancellation)
            : ServerAway.IsReason(error);

    public static Command CreateAutohalt()
    {
        Command command = new("autohalt", "halt every zone that is up, then detach all other devices; for the stop of the host");
        command.SetAction(async (_, cancellation) =>
        {
            HostSet set = new("autohalt");
            ZoneSchedule schedule = new(EachZone.WidthOf(Environment.ProcessorCount), ScheduleOrder.EndsAnyway, set.Host.Time);
            int zones = await set.RunAsync(
                schedule, set.Order.ForHalt(z => set.Host.HaltLimitOf(z.Name)), (zone, stop) => zone.StopAsync(stop), cancellation);
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
        EachZone each = new(EachZone.WidthOf(Environment.ProcessorCount), _detachLimit, host.Time, "lofiadm");
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
}
