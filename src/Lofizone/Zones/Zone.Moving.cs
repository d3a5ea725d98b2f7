using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>Giving a zone away and taking one.</summary>
public sealed partial class Zone
{
    /// <summary>installed -> configured: the zone is no host's any more, its files stay on the share.</summary>
    /// <param name="noExecute">Change nothing; return the manifest that is known without looking inside.</param>
    /// <param name="force">Without looking into the image, which may be damaged.</param>
    /// <param name="cancellation">Stops the command; what was done is undone.</param>
    /// <returns>With <paramref name="noExecute"/> the manifest's bytes, otherwise null.</returns>
    public async Task<byte[]?> DetachAsync(bool noExecute, bool force, CancellationToken cancellation)
    {
        using HostLock held = LockExisting("detach");
        ZoneStatus status = noExecute ? host.Status(host.Require(name)) : await RepairAsync(cancellation);
        if (status.State.IsUp())
            throw Up(status, "detached");
        if (status.State != ZoneState.Installed)
            throw new LofizoneException($"{name}: must be installed before it can be detached (it is {status.State.Text()})");
        RequireImage(status.Record.Config);
        new ZoneMount(host, status.Record.Config).RequireNotAttachedByHand();
        if (await new ZoneHomes(host, status.Record.Config).ReadAsync(cancellation) is (null, true))
        {
            reporter.Line($"{name}: an earlier detach was interrupted at its end");
            if (!noExecute)
                host.Index.Save(status.Record with { State = ZoneState.Configured, DetachedAt = host.Time.GetUtcNow(), Lost = null });
            return null;
        }

        if (!noExecute)
            await RequireHomeAsync(status.Record, cancellation);
        else if (await ElsewhereAsync(status.Record, cancellation) is { } elsewhere)
            throw elsewhere;
        if (noExecute)
            return await new ZoneShare(host, status.Record.Config).ReadManifestAsync(cancellation);
        ZoneDetach detach = new(host, status.Record);
        await RunAsync(force ? ZoneOperation.ForcedDetach : ZoneOperation.Detach, detach, _bootPatience, cancellation);
        return null;
    }

    /// <summary>configured -> installed, for a zone whose root exists: with the configuration that this host has of it.</summary>
    public async Task AttachAsync(AttachOptions options, CancellationToken cancellation)
    {
        using HostLock held = LockExisting("attach");
        ZoneStatus status = options.NoExecute ? host.Status(host.Require(name)) : await RepairAsync(cancellation);
        await RequireAttachableAsync(status, cancellation);
        ZoneConfig config = status.Record.Config;
        RequireImage(config);
        ZoneConfig there = await new ZoneShare(host, config).ReadConfigAsync(cancellation);
        ShareUri uri = ZonePaths.Share(config.RootImage!).Below(name);
        if (status.Record.DetachedAt is not null && there.Uuid != config.Uuid)
            throw new LofizoneException(
                $"{name}: {uri} is another zone of that name",
                $"'zone delete {name}' forgets the one that was detached here; then: zone attach {uri}");
        if (!SameBut(there, config))
        {
            if (status.Record.DetachedAt is not null && !options.Force)
                throw new LofizoneException(
                    $"{name}: its configuration on the share is not the one that this host has",
                    $"'zone attach {uri}' takes the share's, 'zone attach -F {name}' keeps this host's");
            reporter.Line($"{name}: this host's configuration replaces the one on the share");
        }

        await AttachLockedAsync(status.Record with { Config = config with { Uuid = there.Uuid } }, status.Record, options, cancellation);
    }

    /// <summary>
    /// Takes the zone of that name on a share, with the configuration that lies there; this host need not have seen it before.
    /// </summary>
    /// <param name="share">The share.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops the command; what was done is undone.</param>
    public async Task AttachFromAsync(ShareUri share, AttachOptions options, CancellationToken cancellation)
    {
        using HostLock held = Lock("attach");
        FoundZone found = await FindOnShareAsync(share, options, cancellation);
        await AttachLockedAsync(found.Record, found.Before, options, cancellation);
    }

    /// <summary>
    /// Under the zone's lock: the zone on a share, as this host is going to have it. A new one's range of IDs is chosen later
    /// (<see cref="TakeRange"/>).
    /// </summary>
    private async Task<FoundZone> FindOnShareAsync(ShareUri share, AttachOptions options, CancellationToken cancellation)
    {
        ZoneStatus? status = host.Index.Load(name) is null ? null
            : options.NoExecute ? host.Status(host.Require(name))
            : await RepairAsync(cancellation);
        if (status is not null)
            await RequireAttachableAsync(status, cancellation);
        ZoneConfig there = await ZoneShare.ReadConfigAsync(host, share, name, cancellation);
        if (status?.Record.Config is { } mine && mine.Uuid != there.Uuid)
            throw new LofizoneException(
                $"{name}: this host has another zone of that name ({status.State.Text()})", $"'zone delete {name}' removes it");
        RequireImage(there);
        ZoneConfig config = new ZoneAcceptance(host, name, reporter).Judge(share, there, status?.Record.Config, options);
        return status is null
            ? new FoundZone(host.NewRecord(config), null)
            : new FoundZone(status.Record with { Config = config }, status.Record);
    }

    /// <summary>
    /// After all checks, before the first step: a new zone's own range of IDs, held back from others until the zone is written down. No
    /// server is asked in between, which may be silent: every other new zone of the host waits for this lock.
    /// </summary>
    private (FoundZone Zone, HostLock? Range) TakeRange(FoundZone found)
    {
        if (found.Before is not null)
            return (found, null);
        HostLock range = host.LockRanges();
        try
        {
            host.RefuseSharedZonePath(found.Record.Config);
            return (found with { Record = found.Record with { UidBase = host.NewRecord(found.Record.Config).UidBase } }, range);
        }
        catch
        {
            range.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes the zone from a host that is believed dead, and boots it. The server's lock decides: while the owner is in touch with the
    /// server it keeps the zone, unless its claim is ended on purpose.
    /// </summary>
    /// <param name="share">The zone's share; null when this host has a configuration of the zone.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops the command; what was done is undone.</param>
    public async Task TakeOverAsync(ShareUri? share, TakeoverOptions options, CancellationToken cancellation)
    {
        share ??= ZonePaths.Share(
            host.Require(name).Config.RootImage
                ?? throw new LofizoneException($"{name}: its root is not in an image on a share", "take its storage over by hand"));
        if (host.Index.Load(name) is { State: ZoneState.Installed } record && await ElsewhereAsync(record, cancellation) is null)
        {
            // Nobody took it from this host: an ordinary boot, which waits for nobody.
            reporter.Line($"{name}: is this host's already");
        }
        else
        {
            AttachOptions attach = new() { Takeover = options, Update = options.Update, Force = options.Force, Accept = options.Accept };
            await AttachFromAsync(share, attach, cancellation);
        }

        if (options.Boot)
            await BootAsync(cancellation);
    }

    private async Task AttachLockedAsync(ZoneRecord record, ZoneRecord? before, AttachOptions options, CancellationToken cancellation)
    {
        RequireSound(record.Config);
        ZoneAttach check = new(host, record, before, options, reporter);
        await check.CheckAsync(cancellation);
        if (options.NoExecute)
        {
            await check.TryMountAsync(cancellation);
            reporter.Line($"zone {name}: can be attached here");
            return;
        }

        (FoundZone zone, HostLock? range) = TakeRange(new FoundZone(record, before));
        using (range)
            await RunAsync(
                ZoneOperation.Attach, new ZoneAttach(host, zone.Record, before, options, reporter) { Range = range }, _bootPatience,
                cancellation);
    }

    /// <summary>A zone that is installed here by this host's index may still be nobody's: a detach was killed near its end.</summary>
    private async Task RequireAttachableAsync(ZoneStatus status, CancellationToken cancellation)
    {
        if (status.State.IsUp())
            throw Up(status, "attached");
        if (status.State == ZoneState.Incomplete)
            throw new LofizoneException(
                $"{name}: an install or uninstall of it was interrupted", $"zone install {name}, or zone delete {name}");
        if (status.State == ZoneState.Installed && await ElsewhereAsync(status.Record, cancellation) is null)
            throw new LofizoneException($"{name}: is installed here already", $"zone boot {name}");
    }

    /// <summary>
    /// Refuses when the zone has become another host's, or nobody's, since this one installed it; then it is configured here from now on.
    /// </summary>
    private async Task RequireHomeAsync(ZoneRecord record, CancellationToken cancellation)
    {
        if (await ElsewhereAsync(record, cancellation) is not { } elsewhere)
            return;
        host.Index.Save(record with { State = ZoneState.Configured, DetachedAt = host.Time.GetUtcNow() });
        throw record.Lost is null ? elsewhere : new LofizoneException($"{elsewhere.Message}; {record.Lost}", elsewhere.Advice);
    }

    /// <summary>Why an installed zone is not this host's any more; null when it is.</summary>
    private async Task<LofizoneException?> ElsewhereAsync(ZoneRecord record, CancellationToken cancellation)
    {
        if (record.Config.RootImage is null)
            return null;
        ZoneHomes homes = new(host, record.Config);
        (ZoneHome? home, bool detached) = await homes.ReadAsync(cancellation);
        return home is null ? (detached ? homes.Detached() : null) : home.IsThisHost(host.Paths) ? null : homes.Elsewhere(home);
    }

    private void RefuseDetached(ZoneRecord record, string what)
    {
        if (record is { State: ZoneState.Configured, DetachedAt: not null })
        {
            if (record.Moving is { } moving)
                throw new LofizoneException(
                    $"{name}: can't be {what}: a move to {moving.To} was interrupted",
                    $"'zone move {name} {(moving.To.IsWord ? moving.To : "HOST")}' goes on with it, 'zone attach {name}' keeps it here");
            string why = record.Lost is { } lost ? lost.ToString() : "it was detached, or is another host's";
            throw new LofizoneException(
                $"{name}: can't be {what}: {why}",
                $"'zone list --share {record.Config.RootImage?.Storage}' shows where it is; zone attach {name}");
        }
    }

    private void RequireImage(ZoneConfig config)
    {
        if (config.RootImage is null)
            throw new LofizoneException(
                $"{name}: its root is not in an image that was named to it, so its file system is moved by hand",
                $"zonecfg -z {name} export shows what to configure there");
    }

    /// <summary>Equal but for what is each host's own: where the zone is mounted, and by which way the share is reached.</summary>
    private static bool SameBut(ZoneConfig a, ZoneConfig b) =>
        ZoneConfigJson.Digest(a) == ZoneConfigJson.Digest(b with
        {
            Uuid = a.Uuid,
            ZonePath = a.ZonePath,
            RootImage = a.RootImage is null || b.RootImage is null ? b.RootImage : b.RootImage with { Storage = a.RootImage.Storage },
        });
}
