using Lofizone.Config;
using Lofizone.Config.Zonecfg;
using Lofizone.Hosts;

namespace Lofizone.Zones;

/// <summary>What a change of a running zone's configuration does to the zone.</summary>
/// <param name="Applied">The changes that count now.</param>
/// <param name="Waiting">The changes that count from the zone's next boot on.</param>
public sealed record LiveChanges(IReadOnlyList<ConfigChange> Applied, IReadOnlyList<ConfigChange> Waiting);

/// <summary>The configuration with which a zone runs, and its change without a reboot.</summary>
public sealed class ZoneLive(ZoneHost host, string zone)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>The configuration with which the zone runs.</summary>
    /// <exception cref="LofizoneException">The zone does not run.</exception>
    public ZoneConfig Running() => RequireRunning().Config;

    /// <summary>Brings the running zone to its persistent configuration, as far as that is possible without a reboot.</summary>
    /// <param name="noExecute">Change nothing, and only tell.</param>
    /// <param name="cancellation">Stops the command.</param>
    /// <exception cref="LofizoneException">The zone does not run, or the kernel refuses a limit.</exception>
    public async Task<LiveChanges> ApplyAsync(bool noExecute, CancellationToken cancellation)
    {
        using HostLock held = HostLock.Take(host.Paths, zone, "apply", _patience);
        ZoneRun run = RequireRunning();
        ZoneConfig persistent = host.Require(zone).Config;
        ZoneConfig live = ConfigDifference.WithLive(run.Config, persistent);
        LiveChanges changes = new(ConfigDifference.Between(run.Config, live), ConfigDifference.Between(live, persistent));
        if (!noExecute)
            await RunAsync(run, live, cancellation);
        return changes;
    }

    /// <summary>Gives the running zone another live configuration. The persistent configuration stays.</summary>
    /// <param name="config">The new live configuration.</param>
    /// <param name="previous">The live configuration that the caller has read.</param>
    /// <param name="cancellation">Stops the command.</param>
    /// <exception cref="LofizoneException">A change counts at the next boot only, or another command has changed the zone.</exception>
    public async Task ChangeAsync(ZoneConfig config, ZoneConfig previous, CancellationToken cancellation)
    {
        using HostLock held = HostLock.Take(host.Paths, zone, "zonecfg -r", _patience);
        ZoneRun run = RequireRunning();
        if (ZoneConfigJson.Digest(run.Config) != ZoneConfigJson.Digest(previous))
            throw new LofizoneException(
                $"{zone}: was changed by another command since this session began", "revert, and make the changes again");
        if (ConfigDifference.Between(previous, config).FirstOrDefault(c => c.Time > ChangeTime.Live) is { } late)
            throw new LofizoneException(
                $"{late.Name}: can't be changed while the zone runs",
                $"change the persistent configuration, and boot the zone again: zonecfg -z {zone} ...; zone reboot {zone}");
        await RunAsync(run, config, cancellation);
    }

    private async Task RunAsync(ZoneRun run, ZoneConfig live, CancellationToken cancellation)
    {
        ZoneCpus cpus = new(host);
        cpus.Check(live);
        await host.Runtime.ApplyAsync(zone, ResourceControls.Of(live), cancellation);
        ZoneMount mount = new(host, live);
        if (live.RootImage != run.Config.RootImage)
        {
            await mount.CheckLimitsAsync(cancellation);
            await mount.LimitAsync(cancellation);
        }

        host.Index.SaveRun(zone, cpus.Take(live, run with { Config = live }));
    }

    private ZoneRun RequireRunning()
    {
        ZoneStatus status = host.Status(host.Require(zone));
        return status.State == ZoneState.Running && host.Index.LoadRun(zone) is { } run
            ? run
            : throw new LofizoneException(
                $"{zone}: is not running (it is {status.State.Text()}), so it has no live configuration",
                $"zonecfg -z {zone} changes the persistent configuration");
    }
}

/// <summary>zonecfg's store of <c>zonecfg -r</c>: the configuration with which the zone runs.</summary>
public sealed class LiveConfigStore(ZoneHost host) : IZoneConfigStore
{
    public Task<ZoneConfig?> LoadAsync(string zone, CancellationToken cancellation) =>
        Task.FromResult<ZoneConfig?>(new ZoneLive(host, zone).Running());

    public Task<ZonecfgLimits> LimitsAsync(string zone, CancellationToken cancellation) =>
        Task.FromResult(new ZonecfgLimits(Installed: true));

    public Task CommitAsync(ZoneConfig config, ZoneConfig? previous, CancellationToken cancellation) =>
        new ZoneLive(host, config.Name).ChangeAsync(config, previous!, cancellation);

    public Task DeleteAsync(string zone, CancellationToken cancellation) => throw new LofizoneException(
        "delete: a running zone keeps its live configuration", $"'zone delete {zone}' deletes a zone that is down");
}
