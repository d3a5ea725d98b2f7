using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Logs;
using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>Takes a zone down, for a halt and after a killed command, engine or zone.</summary>
internal sealed class ZoneTakedown(ZoneHost host, string name, IReporter reporter, ZoneRunner runner)
{
    /// <summary>Halts the zone. The caller holds the zone's lock.</summary>
    /// <param name="status">The zone's present status.</param>
    /// <param name="mode">How the zone is halted.</param>
    /// <param name="cancellation">Stops the command.</param>
    /// <param name="operation">The operation that includes the takedown; null for a halt.</param>
    /// <param name="patience">Patience with a device that waits for its server; none with force.</param>
    public Task<Operation> HaltAsync(
        ZoneStatus status, HaltMode mode, CancellationToken cancellation, ZoneOperation<ZoneHalt>? operation = null,
        StallPatience? patience = null)
    {
        // Without its root no init can shut down in order, and no flush can succeed.
        if (status.Run is { } run && host.HasLostRoot(run))
            mode = HaltMode.Force;
        if (status.State == ZoneState.Fenced)
            NoteLoss(status);
        ZoneHalt halt = new(host, status.Run?.Config ?? status.Record.Config, mode, reporter);
        // With force, a waiting device was given up before. The halt kills the device's engine, which then looks for a moment like a silent
        // server.
        return runner.RunAsync(
            operation ?? OperationOf(mode), halt,
            mode == HaltMode.Force ? ZoneRunner.DiscardPatience : patience ?? ZoneRunner.HaltPatience, cancellation);
    }

    /// <summary>Takes down the remains of a killed command, engine or zone before a new operation begins.</summary>
    public async Task<ZoneStatus> RepairAsync(CancellationToken cancellation, bool force = false)
    {
        ZoneStatus status = await EndRenameAsync(host.Status(host.Require(name)), cancellation);
        // This command holds the zone's lock, so a killed boot left a zone that is still "ready".
        bool interrupted = status.State is ZoneState.Down or ZoneState.Fenced
            || status is { State: ZoneState.Ready, Run: not { Prepared: true } }
            || status.Run is { Phase: ZoneState.ShuttingDown };
        if (!interrupted)
            return status;
        if (!force)
            await RequireAnsweringAsync(status, runner.OrGiveUp, cancellation);
        reporter.Line($"{name}: left {status.State.Text()} by something that was interrupted; tidying up");
        host.Index.DeleteReboots(name);
        await HaltAsync(status, force ? HaltMode.Force : HaltMode.Shutdown, cancellation, ZoneOperation.Repair);
        return host.Status(host.Require(name));
    }

    /// <summary>Shuts down a zone that runs without a supervisor, so that a boot begins anew.</summary>
    public async Task<ZoneStatus> EndUnsupervisedAsync(ZoneStatus status, CancellationToken cancellation)
    {
        if (!ZoneProblem.HasNoSupervisor(host, status))
            return status;
        reporter.Line($"{name}: its supervisor (conmon) has ended; the zone is shut down and booted again");
        await RequireAnsweringAsync(status, runner.OrGiveUp, cancellation);
        await HaltAsync(status, HaltMode.Shutdown, cancellation);
        return host.Status(host.Require(name));
    }

    /// <summary>
    /// Refuses when the zone's server is silent. A flush or an unmount would wait for that server in the kernel, where only the end of the
    /// engine ends the wait.
    /// </summary>
    public Task RequireAnsweringAsync(ZoneStatus status, string otherwise, CancellationToken cancellation) =>
        new ZoneMount(host, status.Run?.Config ?? status.Record.Config).RequireAnsweringAsync(otherwise, cancellation);

    /// <summary>Cancels a pending reboot of the zone; true when there was one.</summary>
    public bool ForgetReboots()
    {
        bool waited = host.Index.LoadReboots(name) is { NextBoot: not null };
        host.Index.DeleteReboots(name);
        return waited;
    }

    /// <summary>Finishes or undoes a rename that was interrupted.</summary>
    /// <exception cref="LofizoneException">The zone has its new name now.</exception>
    private async Task<ZoneStatus> EndRenameAsync(ZoneStatus status, CancellationToken cancellation)
    {
        ZoneRecord record = status.Record;
        if (record.RenamingTo is { } to)
        {
            if (host.Index.Load(to) is { RenamedFrom: not null } renamed && renamed.Config.Uuid == record.Config.Uuid)
            {
                // The new record belongs to commands on the new name, so that its rest is theirs.
                new ZoneRename(host, record, to).ForgetOld();
                throw new LofizoneException($"{name}: an interrupted rename was finished; the zone is {to} now", $"zone boot {to}");
            }

            reporter.Line($"{name}: an earlier rename to {to} was interrupted; it is undone");
            await runner.RunAsync(
                ZoneOperation.UndoRename, new ZoneRename(host, record, to), ZoneRunner.DiscardPatience, cancellation);
        }
        else if (record.RenamedFrom is { } from)
        {
            reporter.Line($"{name}: an earlier rename from {from} was interrupted; it is finished");
            ZoneRecord old = record with { Config = record.Config with { Name = from } };
            await runner.RunAsync(
                ZoneOperation.EndRename, new ZoneRename(host, old, name), ZoneRunner.DiscardPatience, cancellation);
        }
        else
        {
            return status;
        }

        return host.Status(host.Require(name));
    }

    private static ZoneOperation<ZoneHalt> OperationOf(HaltMode mode) => mode switch
    {
        HaltMode.Force => ZoneOperation.ForcedHalt,
        HaltMode.Now => ZoneOperation.HaltNow,
        _ => ZoneOperation.Halt,
    };

    /// <summary>Notes the loss of the image. The device knows the new owner, so the note is made before the device is taken down.</summary>
    private void NoteLoss(ZoneStatus status)
    {
        EngineFence? fence = status.Run?.Lofi is { } number && host.Lofi.Get(number) is { } device ? host.Lofi.FenceOf(device) : null;
        ZoneLoss loss = new(fence?.OwnerHost, fence?.At ?? host.Time.GetUtcNow());
        EventLog.Add(host.Paths, name, ZoneEventKind.Fenced, loss.ToString());
        host.Index.Save(status.Record with { Lost = loss });
    }
}
