using Lofizone.Config;
using Lofizone.Config.Zonecfg;
using Lofizone.Hosts;
using Lofizone.Logs;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>zonecfg's store: the host's index, and for an installed zone also the copy beside its image.</summary>
public sealed class ZoneConfigStore(ZoneHost host) : IZoneConfigStore
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    public Task<ZoneConfig?> LoadAsync(string zone, CancellationToken cancellation) => Task.FromResult(host.Index.Load(zone)?.Config);

    public string? DefaultZonePath(string zone) => host.Paths.ZonePath(zone);

    public Task<ZonecfgLimits> LimitsAsync(string zone, CancellationToken cancellation) =>
        Task.FromResult(
            host.Index.Load(zone) is { State: not ZoneState.Configured } ? new ZonecfgLimits(Installed: true) : ZonecfgLimits.None);

    /// <summary>
    /// The configuration of a zone that lies on a share, for this host. The administrator names the zone, and so accepts what is shown of
    /// its configuration by the commit.
    /// </summary>
    public async Task<ZoneConfig> LoadDetachedAsync(string zone, string location, CancellationToken cancellation)
    {
        (ShareUri share, string name) = ShareUri.Parse(location.StartsWith('/') ? "dir:" + location : location).Split();
        if (name != zone)
            throw new LofizoneException(
                $"create: {SafeText.Text(location)}: is the place of zone {SafeText.Text(name)}, not of {zone}",
                $"zonecfg -z {SafeText.Text(name)}, or name SHARE/{zone}");
        ZoneConfig there = await ZoneShare.ReadConfigAsync(host, share, zone, cancellation);
        return there with
        {
            ZonePath = host.Paths.ZonePath(zone),
            RootImage = there.RootImage is { } image ? image with { Storage = share.ToString() } : null,
        };
    }

    public async Task CommitAsync(ZoneConfig config, ZoneConfig? previous, CancellationToken cancellation)
    {
        using HostLock held = HostLock.Take(host.Paths, config.Name, "zonecfg commit", _patience);
        ZoneRecord? record = host.Index.Load(config.Name);
        if (!SameConfig(record?.Config, previous))
            throw new LofizoneException(
                $"{config.Name}: was changed by another command since this session began", "revert, and make the changes again");
        if (config.ZonePath is { } zonePath)
            ZonePathCheck.RequirePlace(config.Name, zonePath, host.Paths);
        host.RefuseSharedZonePath(config);
        // A new zone asks no server while the lock is held, because a silent server would hold up other zones' commands.
        using HostLock? range = record is null ? host.LockRanges() : null;
        record = record is null
            ? host.NewRecord(config with { Uuid = config.Uuid == Guid.Empty ? Guid.NewGuid() : config.Uuid })
            : record with { Config = config with { Uuid = record.Config.Uuid } };
        // The share is written first, so that nothing has changed when the share can't be reached.
        if (record is { State: ZoneState.Installed, Config.RootImage: not null })
        {
            ZoneHomes homes = new(host, record.Config);
            if ((await homes.ReadAsync(cancellation)).Home is { } home && !home.IsThisHost(host.Paths))
                throw homes.Elsewhere(home);
            await new ZoneShare(host, record.Config).WriteConfigAsync(cancellation);
        }

        host.Index.Save(record);
    }

    public Task RenameAsync(string zone, string to, CancellationToken cancellation) => Lifecycle.NoteAsync(
        host.Paths, zone, "rename", () => new Zone(host, zone, SilentReporter.Instance).RenameAsync(to, cancellation));

    public Task DeleteAsync(string zone, CancellationToken cancellation)
    {
        using HostLock held = HostLock.Take(host.Paths, zone, "zonecfg delete", _patience);
        ZoneRecord record = host.Require(zone);
        if (record.State != ZoneState.Configured)
            throw new LofizoneException(
                $"{zone}: is {host.Status(record).State.Text()}; its root would be forgotten",
                $"zoneadm -z {zone} uninstall, or zone delete {zone}");
        new ZoneChecks(host, zone).RefuseLocked(record, "deleted");
        host.Index.Delete(zone);
        return Task.CompletedTask;
    }

    private static bool SameConfig(ZoneConfig? a, ZoneConfig? b) =>
        a is null || b is null ? a is null && b is null : ZoneConfigJson.Digest(a) == ZoneConfigJson.Digest(b);
}
