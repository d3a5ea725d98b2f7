using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>Takes a zone down: by a halt, and when something that was killed has left the zone up by half.</summary>
internal sealed class ZoneTakedown(ZoneHost host, string name, IReporter reporter, ZoneRunner runner)
{
    /// <summary>Under the zone's lock.</summary>
    /// <param name="status">The zone as it is.</param>
    /// <param name="force">Kill at once, and wait for no server.</param>
    /// <param name="cancellation">Stops the command.</param>
    /// <param name="operation">On whose behalf; null for a halt.</param>
    /// <param name="patience">With a device that waits; by force, there is none.</param>
    public Task<Operation> HaltAsync(
        ZoneStatus status, bool force, CancellationToken cancellation, ZoneOperation<ZoneHalt>? operation = null,
        StallPatience? patience = null)
    {
        // Without its root no init can shut down in order, and no flush succeed.
        force |= status.Run is { } run && host.HasLostRoot(run);
        if (status.State == ZoneState.Fenced)
            NoteLoss(status);
        ZoneHalt halt = new(host, status.Run?.Config ?? status.Record.Config, force, reporter);
        // By force, a device that waited was given up before. Its engine, which is killed on the way, is as silent as a server for a
        // moment.
        return runner.RunAsync(
            operation ?? (force ? ZoneOperation.ForcedHalt : ZoneOperation.Halt), halt,
            force ? ZoneRunner.DiscardPatience : patience ?? ZoneRunner.HaltPatience, cancellation);
    }

    /// <summary>What a killed command, engine or zone left behind is taken down before anything new begins.</summary>
    public async Task<ZoneStatus> RepairAsync(CancellationToken cancellation, bool force = false)
    {
        ZoneStatus status = host.Status(host.Require(name));
        // We hold the lock: a zone that is "ready" now was left so by a boot that was killed.
        bool interrupted = status.State is ZoneState.Down or ZoneState.Fenced or ZoneState.Ready
            || status.Run is { Phase: ZoneState.ShuttingDown };
        if (!interrupted)
            return status;
        if (!force)
            await RequireAnsweringAsync(status, runner.OrGiveUp, cancellation);
        reporter.Line($"{name}: left {status.State.Text()} by something that was interrupted; tidying up");
        host.Index.DeleteReboots(name);
        await HaltAsync(status, force, cancellation, ZoneOperation.Repair);
        return host.Status(host.Require(name));
    }

    /// <summary>A zone that runs without supervisor is shut down in order, so that a boot begins anew.</summary>
    public async Task<ZoneStatus> EndUnsupervisedAsync(ZoneStatus status, CancellationToken cancellation)
    {
        if (!ZoneProblem.HasNoSupervisor(host, status))
            return status;
        reporter.Line($"{name}: its supervisor (conmon) has ended; the zone is shut down and booted again");
        await RequireAnsweringAsync(status, runner.OrGiveUp, cancellation);
        await HaltAsync(status, force: false, cancellation);
        return host.Status(host.Require(name));
    }

    /// <summary>
    /// A flush or an unmount on a silent server is waited for in the kernel, where nobody can end it but by ending the engine.
    /// </summary>
    public Task RequireAnsweringAsync(ZoneStatus status, string otherwise, CancellationToken cancellation) =>
        new ZoneMount(host, status.Run?.Config ?? status.Record.Config).RequireAnsweringAsync(otherwise, cancellation);

    /// <summary>True when the zone waited to be booted again, which it does not any more.</summary>
    public bool ForgetReboots()
    {
        bool waited = host.Index.LoadReboots(name) is { NextBoot: not null };
        host.Index.DeleteReboots(name);
        return waited;
    }

    /// <summary>Before the device, which knows it, is taken down.</summary>
    private void NoteLoss(ZoneStatus status)
    {
        EngineFence? fence = status.Run?.Lofi is { } number && host.Lofi.Get(number) is { } device ? host.Lofi.FenceOf(device) : null;
        host.Index.Save(status.Record with { Lost = new ZoneLoss(fence?.OwnerHost, fence?.At ?? host.Time.GetUtcNow()) });
    }
}
