using Lofizone.Boot;
using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;

namespace Lofizone.Zones;

/// <summary>Boot, halt and reboot.</summary>
internal sealed class ZonePower(ZoneHost host, string name, IReporter reporter, ZoneRunner runner, ZoneTakedown takedown, ZoneChecks checks)
{
    /// <summary>Number of repeated questions to a silent server before a stop of the host gives up the unstored data.</summary>
    private const int StopAsksAgain = 3;

    /// <param name="arguments">Arguments of this boot.</param>
    /// <param name="cancellation">Stops the command. Its finished steps are undone.</param>
    public async Task BootAsync(BootArguments arguments, CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("boot");
        host.Index.DeleteReboots(name);
        await takedown.EndUnsupervisedAsync(host.Status(host.Require(name)), cancellation);
        await BootLockedAsync(cancellation, arguments);
    }

    public async Task ReadyAsync(CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("ready");
        host.Index.DeleteReboots(name);
        ZoneBoot boot = await CheckedAsync(await takedown.RepairAsync(cancellation), BootArguments.None, cancellation);
        await runner.RunAsync(ZoneOperation.Ready, boot, ZoneRunner.BootPatience, cancellation);
    }

    public Task HaltAsync(HaltMode mode, CancellationToken cancellation) => HaltAsync(mode, ZoneRunner.HaltPatience, cancellation);

    [EffectOf("autoshutdown")]
    public async Task StopAsync(CancellationToken cancellation)
    {
        bool atOnce = GlobalProperties.Autoshutdown.Of(host.Require(name).Config) == GlobalProperties.AutoshutdownHalt;
        // The question is repeated, because given-up data is lost and an answer may be late on a busy machine.
        ZoneMount mount = new(host, host.Require(name).Config);
        DeviceStall? stall = await mount.StallAsync(cancellation);
        for (int again = 0; stall is { Kind: StallKind.Silent } && again < StopAsksAgain; again++)
            stall = await mount.StallAsync(cancellation);
        HaltMode mode = stall is not null ? HaltMode.Force : atOnce ? HaltMode.Now : HaltMode.Shutdown;
        await HaltAsync(mode, ZoneRunner.DiscardPatience, cancellation);
    }

    public async Task RebootAsync(HaltMode mode, BootArguments arguments, CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("reboot");
        host.Index.DeleteReboots(name);
        ZoneStatus status = host.Status(host.Require(name));
        if (status.State is not (ZoneState.Running or ZoneState.Down or ZoneState.Fenced))
            throw new LofizoneException($"{name}: is not running (it is {status.State.Text()})", $"zone boot {name}");
        await takedown.RequireAnsweringAsync(status, runner.OrGiveUp, cancellation);
        await takedown.HaltAsync(status, mode, cancellation);
        await BootLockedAsync(cancellation, arguments);
    }

    /// <summary>Boots the zone. The caller holds the zone's lock.</summary>
    public async Task BootLockedAsync(CancellationToken cancellation, BootArguments? arguments = null)
    {
        arguments ??= BootArguments.None;
        ZoneStatus status = await takedown.RepairAsync(cancellation);
        if (status is { State: ZoneState.Ready, Run: { } run } && arguments == BootArguments.None)
        {
            ZoneBoot going = new(host, status.Record) { Reporter = reporter };
            going.GoOn(run);
            await runner.RunAsync(ZoneOperation.BootReady, going, ZoneRunner.BootPatience, cancellation);
            return;
        }

        // The container of a ready zone has the command line of its init already.
        if (status.State == ZoneState.Ready)
        {
            await takedown.HaltAsync(status, HaltMode.Now, cancellation);
            status = host.Status(host.Require(name));
        }

        ZoneBoot boot = await CheckedAsync(status, arguments, cancellation);
        await runner.RunAsync(ZoneOperation.Boot, boot, ZoneRunner.BootPatience, cancellation);
    }

    /// <summary>A boot of the zone, of which all checks were made.</summary>
    private async Task<ZoneBoot> CheckedAsync(ZoneStatus status, BootArguments arguments, CancellationToken cancellation)
    {
        if (status.State.IsUp())
            throw new LofizoneException($"{name}: zone is already booted ({status.State.Text()})");
        checks.RefuseDetached(status.Record, "booted");
        if (status.State != ZoneState.Installed)
            throw new LofizoneException(
                $"{name}: must be installed before boot (it is {status.State.Text()})", $"zoneadm -z {name} install");
        await checks.RequireHomeAsync(status.Record, cancellation);
        ZoneBoot boot = new(host, status.Record) { Reporter = reporter, Arguments = arguments };
        await boot.CheckAsync(cancellation);
        return boot;
    }

    private async Task HaltAsync(HaltMode mode, StallPatience patience, CancellationToken cancellation)
    {
        // The abort comes before the lock, because a command that waits for the dead server holds the lock and ends by the abort.
        if (mode == HaltMode.Force && await new ZoneMount(host, host.Require(name).Config).AbortIfStalledAsync(cancellation) is { } stall)
            reporter.Warning($"{name}: {stall}; what it has not confirmed is given up");
        using HostLock held = runner.LockExisting("halt");
        ZoneStatus status = host.Status(host.Require(name));
        bool waited = takedown.ForgetReboots();
        if (!status.State.IsUp() && waited)
        {
            reporter.Line($"{name}: waited to be booted again; it stays {status.State.Text()}");
            return;
        }

        if (!status.State.IsUp())
            throw new LofizoneException($"{name}: is not running (it is {status.State.Text()})");
        if (mode != HaltMode.Force)
            await takedown.RequireAnsweringAsync(status, runner.OrGiveUp, cancellation);
        await takedown.HaltAsync(status, mode, cancellation, patience: patience);
    }
}
