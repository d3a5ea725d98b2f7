using Lofizone.Hosts;
using Lofizone.Runtime;

namespace Lofizone.Zones;

/// <summary>What becomes of a zone that has ended without a command: its init ended, or its image was lost to another host.</summary>
internal sealed class ZoneSettling(
    ZoneHost host, string name, IReporter reporter, ZoneRunner runner, ZoneTakedown takedown, ZoneChecks checks, ZonePower power)
{
    /// <summary>How long whoever took this zone is given to make it its own, and how often that is looked for.</summary>
    private static readonly TimeSpan _newHomeLimit = TimeSpan.FromSeconds(10), _newHomeInterval = TimeSpan.FromMilliseconds(250);

    public async Task SettleAsync(CancellationToken cancellation)
    {
        ZoneReboots? reboots = null;
        using (runner.Lock("settle"))
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
            await takedown.HaltAsync(status, force: false, cancellation);
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
            // Every command that boots, halts or takes the zone away in between takes the note away, or changes the state.
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
            await takedown.HaltAsync(status, force: true, cancellation);
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
        using HostLock held = runner.Lock("stop");
        if (host.Index.Load(name) is not { State: ZoneState.Installed, Lost: not null } record)
            return true;
        if (await checks.ElsewhereAsync(record, cancellation) is null)
            return false;
        host.Index.Save(record with { State = ZoneState.Configured, DetachedAt = host.Time.GetUtcNow() });
        return true;
    }
}
