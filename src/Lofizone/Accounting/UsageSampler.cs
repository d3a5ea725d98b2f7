using Lofizone.Devices;
using Lofizone.Hosts;
using Lofizone.Runtime;
using Lofizone.Zones;

namespace Lofizone.Accounting;

/// <summary>
/// Reads the counters of zones. All figures come from /proc, /sys and cgroups, which the kernel answers from memory: no server, no engine
/// and no process of a zone is asked, so that none can delay the figures of others.
/// </summary>
public sealed class UsageSampler(ZoneHost host)
{
    private readonly CgroupReader _cgroups = new(CgroupLayout.OfHost());

    /// <summary>A sample of the zones that are up among these.</summary>
    /// <param name="zones">Zones.</param>
    public UsageSample Sample(IEnumerable<ZoneStatus> zones) =>
        new(host.Time.GetUtcNow(), HostCounters.Read(), [.. zones.Where(z => z is { Id: not null, Run: not null }).Select(Read)]);

    /// <summary>The figures of one zone. A part that can't be read is left out, and the other zones' figures stay.</summary>
    private ZoneCounters Read(ZoneStatus zone) => new(
        zone.Name,
        zone.Id!.Value,
        Part(() => _cgroups.Read(new RuntimePaths(host.Paths, zone.Name).Cgroup)) ?? new CgroupFigures(),
        Part(() => ZoneTraffic.Of(host.Paths, zone.Name, zone.Run!.Config.Net, host.Runtime.State(zone.Name).InitPid)),
        Part(() => Image(zone.Run!)));

    private LoopFigures? Image(ZoneRun run) =>
        run.Lofi is { } number && host.Lofi.Get(number) is { Health: not LofiHealth.LoopGone } device
            ? LoopFigures.Of(device.LoopDevice)?.Since(device.LoopBefore)
            : null;

    private static T? Part<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is LofizoneException or IOException or UnauthorizedAccessException)
        {
            // The zone is being taken down, or its files are broken, which listings of zones report.
            return null;
        }
    }
}
