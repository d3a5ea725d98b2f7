using Lofizone.Boot;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Install;
using Lofizone.Install.Update;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// Detach and attach. A detach leaves the zone without a home. An attach takes a zone that has no home, or the zone of a host that is
/// believed dead.
/// </summary>
internal sealed class ZoneMigration(
    ZoneHost host, string name, IReporter reporter, ZoneRunner runner, ZoneTakedown takedown, ZoneChecks checks, ZonePower power,
    ZoneFinding finding)
{
    public async Task<byte[]?> DetachAsync(bool noExecute, bool force, CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("detach");
        ZoneStatus status = noExecute ? host.Status(host.Require(name)) : await takedown.RepairAsync(cancellation);
        checks.RequireDown(status, "detached");
        if (status.State != ZoneState.Installed)
            throw new LofizoneException($"{name}: must be installed before it can be detached (it is {status.State.Text()})");
        checks.RequireImage(status.Record.Config);
        new ZoneMount(host, status.Record.Config).RequireNotAttachedByHand();
        if (await new ZoneHomes(host, status.Record.Config).ReadAsync(cancellation) is (null, true))
        {
            reporter.Line($"{name}: an earlier detach was interrupted at its end");
            if (!noExecute)
                host.Index.Save(status.Record with { State = ZoneState.Configured, DetachedAt = host.Time.GetUtcNow(), Lost = null });
            return null;
        }

        if (!noExecute)
            await checks.RequireHomeAsync(status.Record, cancellation);
        else if (await checks.ElsewhereAsync(status.Record, cancellation) is { } elsewhere)
            throw elsewhere;
        if (noExecute)
            return await new ZoneShare(host, status.Record.Config).ReadManifestAsync(cancellation);
        ZoneDetach detach = new(host, status.Record);
        await runner.RunAsync(force ? ZoneOperation.ForcedDetach : ZoneOperation.Detach, detach, ZoneRunner.BootPatience, cancellation);
        return null;
    }

    public async Task AttachAsync(AttachOptions options, CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("attach");
        ZoneStatus status = options.NoExecute ? host.Status(host.Require(name)) : await takedown.RepairAsync(cancellation);
        await finding.RequireAttachableAsync(status, cancellation);
        ZoneConfig config = status.Record.Config;
        checks.RequireImage(config);
        ZoneConfig there = await new ZoneShare(host, config).ReadConfigAsync(cancellation);
        ShareUri uri = ZonePaths.Share(config.RootImage!).Below(name);
        if (status.Record.DetachedAt is not null && there.Uuid != config.Uuid)
            throw new LofizoneException(
                $"{name}: {uri} is another zone of that name",
                $"'zone delete {name}' forgets the one that was detached here; then: zone attach {uri}");
        if (!ZoneFinding.SameButHostParts(there, config))
        {
            if (status.Record.DetachedAt is not null && !options.Force)
                throw new LofizoneException(
                    $"{name}: its configuration on the share is not the one that this host has",
                    $"'zone attach {uri}' takes the share's, 'zone attach -F {name}' keeps this host's");
            reporter.Line($"{name}: this host's configuration replaces the one on the share");
        }

        await AttachLockedAsync(status.Record with { Config = config with { Uuid = there.Uuid } }, status.Record, options, cancellation);
    }

    /// <summary>Checks a zone by its manifest alone. Neither its share nor its configuration is needed.</summary>
    public async Task CheckManifestAsync(
        ReadOnlyMemory<byte> json, string origin, UpdateKind update, CancellationToken cancellation)
    {
        Manifest manifest = ManifestFile.Parse(json.Span, origin);
        if (!host.Brands.TryGetValue(manifest.Brand, out IBrand? brand))
            throw new LofizoneException(
                $"{name}: brand {SafeText.Text(manifest.Brand)} is not known", $"known brands: {string.Join(", ", host.Brands.Keys)}");
        if (host.Index.Load(name) is { } record)
            new ZoneBoot(host, record).CheckHost();
        ZoneAttach.Judge(
            name, ManifestComparison.Of(manifest, await brand.OfferAsync(cancellation)), update, $"zone attach {name}", reporter);
        reporter.Line($"zone {name}: what the manifest lists can be attached here");
    }

    public async Task AttachFromAsync(ShareUri share, AttachOptions options, CancellationToken cancellation)
    {
        using HostLock held = runner.Lock("attach");
        FoundZone found = await finding.FindOnShareAsync(share, options, cancellation);
        await AttachLockedAsync(found.Record, found.Before, options, cancellation);
    }

    public async Task TakeOverAsync(ShareUri? share, TakeoverOptions options, CancellationToken cancellation)
    {
        share ??= ZonePaths.Share(
            host.Require(name).Config.RootImage
                ?? throw new LofizoneException($"{name}: its root is not in an image on a share", "take its storage over by hand"));
        if (host.Index.Load(name) is { State: ZoneState.Installed } record && await checks.ElsewhereAsync(record, cancellation) is null)
        {
            // No other host took the zone from this host, so an ordinary boot is enough, and no wait for an owner.
            reporter.Line($"{name}: is this host's already");
        }
        else
        {
            AttachOptions attach = new() { Takeover = options, Update = options.Update, Force = options.Force, Accept = options.Accept };
            await AttachFromAsync(share, attach, cancellation);
        }

        if (options.Boot)
            await power.BootAsync(BootArguments.None, cancellation);
    }

    private async Task AttachLockedAsync(ZoneRecord record, ZoneRecord? before, AttachOptions options, CancellationToken cancellation)
    {
        checks.RequireSound(record.Config);
        ZoneAttach check = new(host, record, before, options, reporter);
        await check.CheckAsync(cancellation);
        if (options.NoExecute)
        {
            await check.TryMountAsync(cancellation);
            reporter.Line($"zone {name}: can be attached here");
            return;
        }

        (FoundZone zone, HostLock? range) = finding.TakeRange(new FoundZone(record, before));
        using HostLock? held = range;
        ZoneAttach attach = new(host, zone.Record, before, options, reporter) { Range = range };
        await runner.RunAsync(ZoneOperation.Attach, attach, ZoneRunner.BootPatience, cancellation);
    }
}
