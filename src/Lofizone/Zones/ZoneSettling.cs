using Lofizone.Hosts;
using Lofizone.Logs;
using Lofizone.Runtime;

namespace Lofizone.Zones;

/// <summary>Takes down a zone that ended without a command, because its init ended or its image was lost to another host.</summary>
internal sealed class ZoneSettling(
    ZoneHost host, string name, IReporter reporter, ZoneRunner runner, ZoneTakedown takedown, ZoneChecks checks, ZonePower power)
{
    /// <summary>Time that a zone's new owner has to write its home record, and the interval of the reads of that record.</summary>
    private static readonly TimeSpan _newHomeLimit = TimeSpan.FromSeconds(10), _newHomeInterval = TimeSpan.FromMilliseconds(250);

    public async Task SettleAsync(CancellationToken cancellation)
    {
        ZoneReboots? reboots = null;
        using (runner.Lock("settle"))
        {
            ZoneStatus? status = host.Index.Load(name) is { } record ? host.Status(record) : null;
            if (status is not { State: ZoneState.Down })
            {
                // A halt by command that came first has done everything except for the cgroup of this process. A later boot's zone is left
                // alone.
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
            string ended = InitFailure.ExitText(host.Runtime.ReadExit(name) ?? new ZoneExit(ExitKind.Unknown, -1));
            EventLog.Add(host.Paths, name, ZoneEventKind.Ended, ended);
            reporter.Line($"{name}: its init ended: {ended}; the zone is taken down");
            await takedown.HaltAsync(status, HaltMode.Shutdown, cancellation);
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
        using (runner.Lock("settle"))
        {
            // Every command that boots, halts or gives the zone away meanwhile removes the note or changes the zone's state.
            if (host.Index.LoadReboots(name) == reboots && host.Index.Load(name) is { } now
                && host.Status(now).State == ZoneState.Installed)
                await power.BootLockedAsync(cancellation);
        }
    }

    public async Task StopFencedAsync(CancellationToken cancellation)
    {
        using (runner.Lock("stop"))
        {
            if (host.Index.Load(name) is not { } record || host.Status(record) is not { State: ZoneState.Fenced } status)
                return;
            host.Index.DeleteReboots(name);
            await host.Runtime.KillAsync(name, cancellation);
            await takedown.HaltAsync(status, HaltMode.Force, cancellation);
        }

        // The home record is read last, because its server may be away; the next boot then finds out. The image's new owner writes its home
        // record only after it has found the image sound, so this host repeats the read until then.
        long start = host.Time.GetTimestamp();
        while (!await NoteElsewhereAsync(cancellation) && host.Time.GetElapsedTime(start) < _newHomeLimit)
            await Task.Delay(_newHomeInterval, host.Time, cancellation);
    }

    /// <summary>True when another host is known to be the zone's home, or when another command on the zone has been faster.</summary>
    private async Task<bool> NoteElsewhereAsync(CancellationToken cancellation)
    {
        using HostLock held = runner.Lock("stop");
        if (host.Index.Load(name) is not { State: ZoneState.Installed, Lost: not null } record)
            return true;
        if (await checks.ElsewhereAsync(record, cancellation) is null)
            return false;
        host.Index.Save(record with { State = ZoneState.Configured, DetachedAt = host.Time.GetUtcNow() });
        return true;
    }
}
