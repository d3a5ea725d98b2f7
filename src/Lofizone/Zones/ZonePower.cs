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

    public async Task BootAsync(CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("boot");
        host.Index.DeleteReboots(name);
        await takedown.EndUnsupervisedAsync(host.Status(host.Require(name)), cancellation);
        await BootLockedAsync(cancellation);
    }

    public Task HaltAsync(bool force, CancellationToken cancellation) => HaltAsync(force, ZoneRunner.HaltPatience, cancellation);

    [EffectOf("autoshutdown")]
    public async Task StopAsync(CancellationToken cancellation)
    {
        bool atOnce = GlobalProperties.Autoshutdown.Of(host.Require(name).Config) == GlobalProperties.AutoshutdownHalt;
        // The question is repeated, because given-up data is lost and an answer may be late on a busy machine.
        ZoneMount mount = new(host, host.Require(name).Config);
        DeviceStall? stall = await mount.StallAsync(cancellation);
        for (int again = 0; stall is { Kind: StallKind.Silent } && again < StopAsksAgain; again++)
            stall = await mount.StallAsync(cancellation);
        await HaltAsync(force: stall is not null, ZoneRunner.DiscardPatience, cancellation, atOnce);
    }

    public async Task RebootAsync(CancellationToken cancellation)
    {
        using HostLock held = runner.LockExisting("reboot");
        host.Index.DeleteReboots(name);
        ZoneStatus status = host.Status(host.Require(name));
        if (status.State is not (ZoneState.Running or ZoneState.Down or ZoneState.Fenced))
            throw new LofizoneException($"{name}: is not running (it is {status.State.Text()})", $"zone boot {name}");
        await takedown.RequireAnsweringAsync(status, runner.OrGiveUp, cancellation);
        await takedown.HaltAsync(status, force: false, cancellation);
        await BootLockedAsync(cancellation);
    }

    /// <summary>Boots the zone. The caller holds the zone's lock.</summary>
    public async Task BootLockedAsync(CancellationToken cancellation)
    {
        ZoneStatus status = await takedown.RepairAsync(cancellation);
        if (status.State.IsUp())
            throw new LofizoneException($"{name}: zone is already booted ({status.State.Text()})");
        checks.RefuseDetached(status.Record, "booted");
        if (status.State != ZoneState.Installed)
            throw new LofizoneException(
                $"{name}: must be installed before boot (it is {status.State.Text()})", $"zoneadm -z {name} install");
        await checks.RequireHomeAsync(status.Record, cancellation);
        ZoneBoot boot = new(host, status.Record) { Reporter = reporter };
        await boot.CheckAsync(cancellation);
        await runner.RunAsync(ZoneOperation.Boot, boot, ZoneRunner.BootPatience, cancellation);
    }

    private async Task HaltAsync(bool force, StallPatience patience, CancellationToken cancellation, bool atOnce = false)
    {
        // The abort comes before the lock, because a command that waits for the dead server holds the lock and ends by the abort.
        if (force && await new ZoneMount(host, host.Require(name).Config).AbortIfStalledAsync(cancellation) is { } stall)
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
        if (!force)
            await takedown.RequireAnsweringAsync(status, runner.OrGiveUp, cancellation);
        // A zone whose init has ended has nothing to shut down. What it has written is stored all the same.
        if (atOnce)
            await host.Runtime.KillAsync(name, cancellation);
        await takedown.HaltAsync(status, force, cancellation, patience: patience);
    }
}
