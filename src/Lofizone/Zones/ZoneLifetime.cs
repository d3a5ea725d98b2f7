using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Operations;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>The operations between a configuration and a root: verify, create, install, uninstall, delete.</summary>
internal sealed class ZoneLifetime(
    ZoneHost host, string name, IReporter reporter, ZoneRunner runner, ZoneTakedown takedown, ZoneChecks checks, ZonePower power)
{
    public async Task VerifyAsync(CancellationToken cancellation)
    {
        ZoneStatus status = host.Status(host.Require(name));
        checks.RequireSound(status.Record.Config);
        ZoneBoot boot = new(host, status.Record);
        IEnumerable<Func<CancellationToken, Task>> findings = status.State switch
        {
            ZoneState.Configured or ZoneState.Incomplete =>
            [
                .. boot.HostChecks.Select(Step.Now), .. await new ZoneInstall(host, status.Record, reporter).ChecksAsync(cancellation),
            ],
            ZoneState.Installed => boot.Checks,
            // Resources that the zone itself uses are no obstacle.
            _ => boot.HostChecks.Select(Step.Now),
        };
        // A boot does not refuse low limits, because the need for them depends on the zone's programs.
        IEnumerable<Func<CancellationToken, Task>> limits = host.LimitsWith(name)
            .Select(low => Step.Now(() => throw new LofizoneException(low.What, low.Mend)));
        await Findings.RequireNoneAsync([.. findings, .. limits], cancellation);
    }

    public async Task CreateAsync(ZoneConfig config, bool boot, CancellationToken cancellation)
    {
        checks.RequireSound(config);
        using HostLock held = runner.Lock("create");
        if (host.Index.Load(name) is { } there)
        {
            if (!there.Creating)
                throw new LofizoneException(
                    $"{name}: zone exists already ({host.Status(there).State.Text()})",
                    $"choose another name, or 'zone delete {name}' first");
            reporter.Line($"{name}: an earlier create was interrupted; it is undone first");
            await UninstallLockedAsync(await takedown.RepairAsync(cancellation), ZoneOperation.Undo, cancellation);
            host.Index.Delete(name);
        }

        host.RefuseSharedZonePath(config);
        // The zone's range of IDs is chosen after its server has answered. Other zones can be created while a silent server is asked.
        ZoneRecord record = host.NewRecord(config with { Uuid = Guid.NewGuid() }) with { Creating = true };
        if (boot)
            new ZoneBoot(host, record).CheckHost();
        await new ZoneInstall(host, record, reporter).CheckAsync(cancellation);
        using HostLock range = host.LockRanges();
        host.RefuseSharedZonePath(config);
        record = record with { UidBase = host.NewRecord(record.Config).UidBase };
        await runner.RunAsync(ZoneOperation.Create, new ZoneCreate(host, record, reporter, range), ZoneRunner.FillPatience, cancellation);
        if (boot)
            await power.BootLockedAsync(cancellation);
    }

    public async Task InstallAsync(CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("install");
        await InstallLockedAsync(cancellation);
    }

    public async Task UninstallAsync(CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("uninstall");
        checks.RefuseLocked(host.Require(name), "uninstalled");
        await UninstallLockedAsync(await takedown.RepairAsync(cancellation), ZoneOperation.Uninstall, cancellation);
    }

    public async Task DeleteAsync(CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("delete");
        checks.RefuseLocked(host.Require(name), "deleted");
        ZoneStatus status = await takedown.RepairAsync(cancellation);
        checks.RequireDown(status, "deleted");
        if (status.State != ZoneState.Configured || status.Record.Creating)
            await UninstallLockedAsync(
                status, ZoneOperation.Delete, cancellation,
                $"run again when it does; or remove the configuration only, and leave what is on the share: zone delete --forget {name}");
        else if (status.Record is { DetachedAt: not null, Config.RootImage: { } image })
            reporter.Line($"{name}: its root stays where it is: {ZonePaths.Image(name, image)}");
        await runner.RunAsync(ZoneOperation.Forget, new ZoneForget(host, name), ZoneRunner.DiscardPatience, cancellation);
    }

    public async Task ForgetAsync(CancellationToken cancellation)
    {
        // A zone that is down gives up its unstored data when its server is gone. The abort comes before the lock, as in a forced halt.
        bool gone = host.Status(host.Require(name)).State is ZoneState.Down or ZoneState.Fenced
            && await new ZoneMount(host, host.Require(name).Config).AbortIfStalledAsync(cancellation) is not null;
        using HostLock held = runner.LockExisting("delete");
        checks.RefuseLocked(host.Require(name), "forgotten");
        ZoneStatus status = await takedown.RepairAsync(cancellation, force: gone);
        checks.RequireDown(status, "forgotten");
        await runner.RunAsync(ZoneOperation.Forget, new ZoneForget(host, name), ZoneRunner.DiscardPatience, cancellation);
    }

    private async Task InstallLockedAsync(CancellationToken cancellation)
    {
        ZoneStatus status = await takedown.RepairAsync(cancellation);
        if (status.State is not (ZoneState.Configured or ZoneState.Incomplete))
            throw new LofizoneException($"{name}: is {status.State.Text()} already", $"zone boot {name}");
        checks.RefuseDetached(status.Record, "installed");
        checks.RequireSound(status.Record.Config);
        if (status.State == ZoneState.Incomplete)
        {
            reporter.Line($"{name}: an earlier install was interrupted; it is undone first");
            await UninstallLockedAsync(status, ZoneOperation.Undo, cancellation);
        }

        ZoneRecord record = host.Require(name);
        await new ZoneInstall(host, record, reporter).CheckAsync(cancellation);
        await runner.RunAsync(ZoneOperation.Install, new ZoneInstall(host, record, reporter), ZoneRunner.FillPatience, cancellation);
    }

    /// <param name="status">The zone's present status.</param>
    /// <param name="operation">The operation that includes the uninstall.</param>
    /// <param name="cancellation">Stops the command.</param>
    /// <param name="unreachable">Advice for the case that the share's server does not answer.</param>
    private async Task UninstallLockedAsync(
        ZoneStatus status, ZoneOperation<ZoneUninstall> operation, CancellationToken cancellation,
        string unreachable = "run again when it does")
    {
        checks.RequireDown(status, "uninstalled");
        new ZoneMount(host, status.Record.Config).RequireNotAttachedByHand();
        if (status.State == ZoneState.Configured && !status.Record.Creating)
            throw new LofizoneException($"{name}: is not installed (it is {status.State.Text()})");
        if (status.Record.Config is { RootImage: null } config)
            ZonePathCheck.RequireMounted(name, ZonePaths.ZonePath(config));
        // The server is asked before the zone is marked incomplete, because a zone with an untouched image can still be booted.
        if (status.Record.Config.RootImage is { } image)
            await ServerPresence.RequireAsync(ZonePaths.Share(image), unreachable, cancellation);
        if (status.State == ZoneState.Installed)
            await checks.RequireHomeAsync(status.Record, cancellation);
        await runner.RunAsync(operation, new ZoneUninstall(host, status.Record), ZoneRunner.DiscardPatience, cancellation);
    }
}
