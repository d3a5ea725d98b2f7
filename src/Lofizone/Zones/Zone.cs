using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Install.Update;
using Lofizone.Operations;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>
/// The operations on one zone. Each takes the zone's lock, tidies up after a command that was killed, checks all that can be
/// known to fail, and then runs its steps.
/// </summary>
public sealed partial class Zone(ZoneHost host, string name, IReporter reporter)
{
    /// <summary>How long an operation waits for another command on the same zone, seconds: longer than a shutdown takes.</summary>
    public const int PatienceSeconds = ZoneHalt.ShutdownLimitSeconds + 30;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(PatienceSeconds);

    /// <summary>How long whoever took this zone is given to make it its own, and how often that is looked for.</summary>
    private static readonly TimeSpan _newHomeLimit = TimeSpan.FromSeconds(10), _newHomeInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long what can be done again waits for a server or for room while it holds the zone's lock.</summary>
    private static readonly StallPatience _bootPatience = new(TimeSpan.FromSeconds(60), StallEnd.GiveUpDevice);

    /// <summary>Nothing that is not stored yet is wanted any more.</summary>
    private static readonly StallPatience _discardPatience = new(StallPatience.OfStop, StallEnd.GiveUpDevice);

    /// <summary>Whoever fills a root waits for room and servers as long as he likes.</summary>
    private static readonly StallPatience _fillPatience = new(null, StallEnd.GiveUpDevice);

    private static readonly Task<DeviceStall?> _none = Task.FromResult<DeviceStall?>(null);

    /// <summary>How often a silent server is asked once more before a stop of the host gives it up.</summary>
    private const int StopAsksAgain = 3;

    /// <summary>What a zone has written is given up by force only, or when the host stops.</summary>
    private StallPatience _haltPatience = new(StallPatience.OfStop, StallEnd.EndWork);

    public string Name => name;

    private string GiveUp => $"zone halt --force {name}";

    private string OrGiveUp => $"or give up what it has not confirmed: {GiveUp}";

    /// <summary>
    /// Checks that the zone can be installed and booted here, by the lists that install and boot go through; throws all that is wrong.
    /// </summary>
    public async Task VerifyAsync(CancellationToken cancellation)
    {
        ZoneStatus status = host.Status(host.Require(name));
        RequireSound(status.Record.Config);
        ZoneBoot boot = new(host, status.Record);
        IEnumerable<Func<CancellationToken, Task>> checks = status.State switch
        {
            ZoneState.Configured or ZoneState.Incomplete =>
            [
                .. boot.HostChecks.Select(Step.Now), .. await new ZoneInstall(host, status.Record, reporter).ChecksAsync(cancellation),
            ],
            ZoneState.Installed => boot.Checks,
            // What is in use by the zone itself is no obstacle.
            _ => boot.HostChecks.Select(Step.Now),
        };
        // A boot tries all the same: what a zone needs of them depends on what runs in it.
        IEnumerable<Func<CancellationToken, Task>> limits = host.LimitsWith(name)
            .Select(low => Step.Now(() => throw new LofizoneException(low.What, low.Mend)));
        await Findings.RequireNoneAsync([.. checks, .. limits], cancellation);
    }

    /// <summary>configured -> installed. An interrupted install (incomplete) is undone first.</summary>
    public async Task InstallAsync(CancellationToken cancellation)
    {
        using HostLock held = LockExisting("install");
        await InstallLockedAsync(cancellation);
    }

    /// <summary>installed -> running.</summary>
    public async Task BootAsync(CancellationToken cancellation)
    {
        using HostLock held = LockExisting("boot");
        host.Index.DeleteReboots(name);
        await EndUnsupervisedAsync(host.Status(host.Require(name)), cancellation);
        await BootLockedAsync(cancellation);
    }

    /// <summary>running -> installed; tidies up a zone that is down.</summary>
    /// <param name="force">Kill at once instead of shutting down, and unmount without waiting for a dead server.</param>
    /// <param name="cancellation">Stops the command; what is left is done by the next one.</param>
    public async Task HaltAsync(bool force, CancellationToken cancellation)
    {
        // Before the lock: another command that waits for the dead server holds it, and ends by this.
        if (force && await new ZoneMount(host, host.Require(name).Config).AbortIfStalledAsync(cancellation) is { } stall)
            reporter.Warning($"{name}: {stall}; what it has not confirmed is given up");
        using HostLock held = LockExisting("halt");
        ZoneStatus status = host.Status(host.Require(name));
        bool waited = ForgetReboots();
        if (!status.State.IsUp() && waited)
        {
            reporter.Line($"{name}: waited to be booted again; it stays {status.State.Text()}");
            return;
        }

        if (!status.State.IsUp())
            throw new LofizoneException($"{name}: is not running (it is {status.State.Text()})");
        if (!force)
            await RequireAnsweringAsync(status, OrGiveUp, cancellation);
        await HaltLockedAsync(status, force, cancellation);
    }

    /// <summary>
    /// Halts the zone because the host stops: a device that waits for its server or for room is given up, at once or when it has waited for
    /// a while, since nobody would be there to take up what comes later.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        // Asked again: what is given up is lost, and on a busy machine an answer may be late.
        ZoneMount mount = new(host, host.Require(name).Config);
        DeviceStall? stall = await mount.StallAsync(cancellation);
        for (int again = 0; stall is { Kind: StallKind.Silent } && again < StopAsksAgain; again++)
            stall = await mount.StallAsync(cancellation);
        _haltPatience = _discardPatience;
        await HaltAsync(force: stall is not null, cancellation);
    }

    /// <summary>Halts and boots.</summary>
    public async Task RebootAsync(CancellationToken cancellation)
    {
        using HostLock held = LockExisting("reboot");
        host.Index.DeleteReboots(name);
        ZoneStatus status = host.Status(host.Require(name));
        if (status.State is not (ZoneState.Running or ZoneState.Down or ZoneState.Fenced))
            throw new LofizoneException($"{name}: is not running (it is {status.State.Text()})", $"zone boot {name}");
        await RequireAnsweringAsync(status, OrGiveUp, cancellation);
        await HaltLockedAsync(status, force: false, cancellation);
        await BootLockedAsync(cancellation);
    }

    /// <summary>installed or incomplete -> configured: the root is gone for good.</summary>
    public async Task UninstallAsync(CancellationToken cancellation)
    {
        using HostLock held = LockExisting("uninstall");
        await UninstallLockedAsync(await RepairAsync(cancellation), ZoneOperation.Uninstall, cancellation);
    }

    /// <summary>Removes the zone: its root, its files on the share, its configuration.</summary>
    public async Task DeleteAsync(CancellationToken cancellation)
    {
        using HostLock held = LockExisting("delete");
        ZoneStatus status = await RepairAsync(cancellation);
        if (status.State.IsUp())
            throw Up(status, "deleted");
        if (status.State != ZoneState.Configured || status.Record.Creating)
            await UninstallLockedAsync(
                status, ZoneOperation.Delete, cancellation,
                $"run again when it does; or remove the configuration only, and leave what is on the share: zone delete --forget {name}");
        else if (status.Record is { DetachedAt: not null, Config.RootImage: { } image })
            reporter.Line($"{name}: its root stays where it is: {ZonePaths.Image(name, image)}");
        await RunAsync(ZoneOperation.Forget, new ZoneForget(host, name), _discardPatience, cancellation);
    }

    /// <summary>
    /// Removes the configuration only: for a zone whose share or file system is gone for good. What there is of its root stays.
    /// </summary>
    public async Task ForgetAsync(CancellationToken cancellation)
    {
        // Of a zone that is down, nothing is stored on a server that is gone; before the lock, as in a forced halt.
        bool gone = host.Status(host.Require(name)).State is ZoneState.Down or ZoneState.Fenced
            && await new ZoneMount(host, host.Require(name).Config).AbortIfStalledAsync(cancellation) is not null;
        using HostLock held = LockExisting("delete");
        ZoneStatus status = await RepairAsync(cancellation, force: gone);
        if (status.State.IsUp())
            throw Up(status, "forgotten");
        await RunAsync(ZoneOperation.Forget, new ZoneForget(host, name), _discardPatience, cancellation);
    }

    /// <summary>Configures and installs a zone that does not exist, and boots it if asked to.</summary>
    public async Task CreateAsync(ZoneConfig config, bool boot, CancellationToken cancellation)
    {
        RequireSound(config);
        using HostLock held = Lock("create");
        if (host.Index.Load(name) is { } there)
        {
            if (!there.Creating)
                throw new LofizoneException(
                    $"{name}: zone exists already ({host.Status(there).State.Text()})",
                    $"choose another name, or 'zone delete {name}' first");
            reporter.Line($"{name}: an earlier create was interrupted; it is undone first");
            await UninstallLockedAsync(await RepairAsync(cancellation), ZoneOperation.Undo, cancellation);
            host.Index.Delete(name);
        }

        host.RefuseSharedZonePath(config);
        // Its range is chosen when its server has answered: while that is asked, and may be silent, other zones are created.
        ZoneRecord record = host.NewRecord(config with { Uuid = Guid.NewGuid() }) with { Creating = true };
        if (boot)
            new ZoneBoot(host, record).CheckHost();
        await new ZoneInstall(host, record, reporter).CheckAsync(cancellation);
        using HostLock range = host.LockRanges();
        host.RefuseSharedZonePath(config);
        record = record with { UidBase = host.NewRecord(record.Config).UidBase };
        await RunAsync(ZoneOperation.Create, new ZoneCreate(host, record, reporter, range), _fillPatience, cancellation);
        if (boot)
            await BootLockedAsync(cancellation);
    }

    /// <summary>
    /// After the zone's image was lost to another host: notes who took it, ends the zone's processes, which can't work any more and must
    /// not go on as if they could, and takes down what they leave, so that nothing needs doing by hand. Should that fail, the next command
    /// does it.
    /// </summary>
    public async Task StopFencedAsync(CancellationToken cancellation)
    {
        using (Lock("stop"))
        {
            if (host.Index.Load(name) is not { } record || host.Status(record) is not { State: ZoneState.Fenced } status)
                return;
            host.Index.DeleteReboots(name);
            await host.Runtime.KillAsync(name, cancellation);
            await HaltLockedAsync(status, force: true, cancellation);
        }

        // Last: it asks the server, which may be away; then the next boot finds out. Whoever has the image now says that the zone is its
        // own only when it has found it sound, so it is looked for until then.
        long start = host.Time.GetTimestamp();
        while (!await NoteElsewhereAsync(cancellation) && host.Time.GetElapsedTime(start) < _newHomeLimit)
            await Task.Delay(_newHomeInterval, host.Time, cancellation);
    }

    /// <summary>True when the zone is known to be another host's, or a command on it has been faster.</summary>
    private async Task<bool> NoteElsewhereAsync(CancellationToken cancellation)
    {
        using HostLock held = Lock("stop");
        if (host.Index.Load(name) is not { State: ZoneState.Installed, Lost: not null } record)
            return true;
        if (await ElsewhereAsync(record, cancellation) is null)
            return false;
        host.Index.Save(record with { State = ZoneState.Configured, DetachedAt = host.Time.GetUtcNow() });
        return true;
    }

    /// <summary>The name is checked first: it becomes the lock's file name.</summary>
    private HostLock Lock(string command)
    {
        ZoneName.Check(name);
        return HostLock.Take(host.Paths, name, command, _patience);
    }

    private HostLock LockExisting(string command)
    {
        host.Require(name);
        return Lock(command);
    }

    private async Task<Operation> RunAsync<TWork>(
        ZoneOperation<TWork> operation, TWork what, StallPatience patience, CancellationToken cancellation)
    {
        Operation work = operation.On(name, what, host.Time);
        // Looked up each time: a create writes its configuration in its first step, and a delete removes it in its last.
        ZoneMount? Mount() => host.Index.Load(name) is { Config.RootImage: not null } record ? new ZoneMount(host, record.Config) : null;
        StallSubject device = new(
            name, GiveUp, c => Mount()?.StallAsync(c) ?? _none, c => Mount()?.AbortIfStalledAsync(c) ?? _none,
            stall => Mount()?.Refusal(stall, OrGiveUp) ?? new LofizoneException($"{name}: {stall}", $"{stall.Cure} and run again"));
        await new StallWatch(device, reporter, host.Time).RunAsync(c => work.RunAsync(reporter, c), patience, cancellation);
        return work;
    }

    private async Task InstallLockedAsync(CancellationToken cancellation)
    {
        ZoneStatus status = await RepairAsync(cancellation);
        if (status.State is not (ZoneState.Configured or ZoneState.Incomplete))
            throw new LofizoneException($"{name}: is {status.State.Text()} already", $"zone boot {name}");
        RefuseDetached(status.Record, "installed");
        RequireSound(status.Record.Config);
        if (status.State == ZoneState.Incomplete)
        {
            reporter.Line($"{name}: an earlier install was interrupted; it is undone first");
            await UninstallLockedAsync(status, ZoneOperation.Undo, cancellation);
        }

        ZoneRecord record = host.Require(name);
        await new ZoneInstall(host, record, reporter).CheckAsync(cancellation);
        await RunAsync(ZoneOperation.Install, new ZoneInstall(host, record, reporter), _fillPatience, cancellation);
    }

    private async Task BootLockedAsync(CancellationToken cancellation)
    {
        ZoneStatus status = await RepairAsync(cancellation);
        if (status.State.IsUp())
            throw new LofizoneException($"{name}: zone is already booted ({status.State.Text()})");
        RefuseDetached(status.Record, "booted");
        if (status.State != ZoneState.Installed)
            throw new LofizoneException(
                $"{name}: must be installed before boot (it is {status.State.Text()})", $"zoneadm -z {name} install");
        await RequireHomeAsync(status.Record, cancellation);
        ZoneBoot boot = new(host, status.Record) { Reporter = reporter };
        await boot.CheckAsync(cancellation);
        await RunAsync(ZoneOperation.Boot, boot, _bootPatience, cancellation);
    }

    private Task<Operation> HaltLockedAsync(
        ZoneStatus status, bool force, CancellationToken cancellation, ZoneOperation<ZoneHalt>? operation = null)
    {
        // Without its root no init can shut down in order, and no flush succeed.
        force |= status.Run is { } run && host.HasLostRoot(run);
        if (status.State == ZoneState.Fenced)
            NoteLoss(status);
        ZoneHalt halt = new(host, status.Run?.Config ?? status.Record.Config, force, reporter);
        // By force, a device that waited was given up before. Its engine, which is killed on the way, is as silent as a server for a
        // moment.
        return RunAsync(
            operation ?? (force ? ZoneOperation.ForcedHalt : ZoneOperation.Halt), halt, force ? _discardPatience : _haltPatience,
            cancellation);
    }

    /// <summary>Before the device, which knows it, is taken down.</summary>
    private void NoteLoss(ZoneStatus status)
    {
        EngineFence? fence = status.Run?.Lofi is { } number && host.Lofi.Get(number) is { } device ? host.Lofi.FenceOf(device) : null;
        host.Index.Save(status.Record with { Lost = new ZoneLoss(fence?.OwnerHost, fence?.At ?? host.Time.GetUtcNow()) });
    }

    /// <param name="status">As it is.</param>
    /// <param name="operation">On whose behalf.</param>
    /// <param name="cancellation">Stops the command.</param>
    /// <param name="unreachable">What to do when the share's server does not answer.</param>
    private async Task UninstallLockedAsync(
        ZoneStatus status, ZoneOperation<ZoneUninstall> operation, CancellationToken cancellation,
        string unreachable = "run again when it does")
    {
        if (status.State.IsUp())
            throw Up(status, "uninstalled");
        new ZoneMount(host, status.Record.Config).RequireNotAttachedByHand();
        if (status.State == ZoneState.Configured && !status.Record.Creating)
            throw new LofizoneException($"{name}: is not installed (it is {status.State.Text()})");
        if (status.Record.Config is { RootImage: null } config)
            ZonePathCheck.RequireMounted(name, ZonePaths.ZonePath(config));
        // Before the zone is marked: with its image untouched it can still be booted.
        if (status.Record.Config.RootImage is { } image)
            await ShareLife.RequireAsync(ZonePaths.Share(image), unreachable, cancellation);
        if (status.State == ZoneState.Installed)
            await RequireHomeAsync(status.Record, cancellation);
        await RunAsync(operation, new ZoneUninstall(host, status.Record), _discardPatience, cancellation);
    }

    /// <summary>
    /// A flush or an unmount on a silent server is waited for in the kernel, where nobody can end it but by ending the engine.
    /// </summary>
    private Task RequireAnsweringAsync(ZoneStatus status, string otherwise, CancellationToken cancellation) =>
        new ZoneMount(host, status.Run?.Config ?? status.Record.Config).RequireAnsweringAsync(otherwise, cancellation);

    private LofizoneException Up(ZoneStatus status, string what) =>
        new($"{name}: is {status.State.Text()} and can't be {what}", $"zone halt {name}");

    /// <summary>What a killed command, engine or zone left behind is taken down before anything new begins.</summary>
    private async Task<ZoneStatus> RepairAsync(CancellationToken cancellation, bool force = false)
    {
        ZoneStatus status = host.Status(host.Require(name));
        // We hold the lock: a zone that is "ready" now was left so by a boot that was killed.
        bool interrupted = status.State is ZoneState.Down or ZoneState.Fenced or ZoneState.Ready
            || status.Run is { Phase: ZoneState.ShuttingDown };
        if (!interrupted)
            return status;
        if (!force)
            await RequireAnsweringAsync(status, OrGiveUp, cancellation);
        reporter.Line($"{name}: left {status.State.Text()} by something that was interrupted; tidying up");
        host.Index.DeleteReboots(name);
        await HaltLockedAsync(status, force, cancellation, ZoneOperation.Repair);
        return host.Status(host.Require(name));
    }

    private void RequireSound(ZoneConfig config)
    {
        IReadOnlyList<string> problems = ZoneConfigVerifier.Verify(config, [.. host.Brands.Keys]);
        if (problems.Count > 0)
            throw new LofizoneException($"{name}: {string.Join("; ", problems)}", $"zonecfg -z {name}");
    }
}
