using Lofizone.Runtime;

namespace Lofizone.Zones;

/// <summary>What becomes of a zone whose init has ended by itself.</summary>
public sealed partial class Zone
{
    /// <summary>After the zone's init ended by itself: takes the zone down, and boots it again when that is what it asked for.</summary>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        ZoneReboots? reboots = null;
        using (Lock("settle"))
        {
            ZoneStatus? status = host.Index.Load(name) is { } record ? host.Status(record) : null;
            if (status is not { State: ZoneState.Down })
            {
                // A halt by command that was first has done all of it, but for the cgroup in which this process was; a boot that came after
                // it is not to be touched.
                if (status is null || !status.State.IsUp())
                    await host.Runtime.RemoveSupervisorCgroupAsync(name, cancellation);
                return;
            }

            if (status.Run is { Phase: ZoneState.Running } run && host.Runtime.ReadExit(name) is { Kind: ExitKind.Rebooted })
                reboots = RebootPolicy.Next(host.Index.LoadReboots(name), run.BootedAt, host.Time.GetUtcNow());
            if (reboots is null)
                host.Index.DeleteReboots(name);
            else
                host.Index.SaveReboots(name, reboots);
            reporter.Line(
                $"{name}: its init ended: {InitFailure.How(host.Runtime.ReadExit(name) ?? new ZoneExit(ExitKind.Unknown, -1))}; the "
                + "zone is taken down");
            await HaltLockedAsync(status, force: false, cancellation);
        }

        if (reboots is null)
            return;
        if (reboots is { NextBoot: null })
            reporter.Warning($"{name}: {reboots}");
        else if (reboots is { InRow: > 1 })
            reporter.Line($"{name}: {reboots}");
        if (reboots.NextBoot is not { } next)
            return;
        if (next > reboots.AskedAt)
            await Task.Delay(next - reboots.AskedAt, host.Time, cancellation);
        using (Lock("settle"))
        {
            // Every command that boots, halts or takes the zone away in between takes the note away, or changes the state.
            if (host.Index.LoadReboots(name) == reboots && host.Index.Load(name) is { } now
                && host.Status(now).State == ZoneState.Installed)
                await BootLockedAsync(cancellation);
        }
    }

    /// <summary>True when the zone waited to be booted again, which it does not any more.</summary>
    private bool ForgetReboots()
    {
        bool waited = host.Index.LoadReboots(name) is { NextBoot: not null };
        host.Index.DeleteReboots(name);
        return waited;
    }

    /// <summary>A zone that runs without supervisor is shut down in order, so that a boot begins anew.</summary>
    private async Task<ZoneStatus> EndUnsupervisedAsync(ZoneStatus status, CancellationToken cancellation)
    {
        if (!ZoneProblem.HasNoSupervisor(host, status))
            return status;
        reporter.Line($"{name}: its supervisor (conmon) has ended; the zone is shut down and booted again");
        await RequireAnsweringAsync(status, OrGiveUp, cancellation);
        await HaltLockedAsync(status, force: false, cancellation);
        return host.Status(host.Require(name));
    }
}
