using Lofizone.Basics;
using Lofizone.Runtime;

namespace Lofizone.Zones;

/// <summary>
/// Waits until a booted zone is up: until the zone's systemd reports <c>running</c> or <c>degraded</c> (systemctl(1), is-system-running).
/// Another init reports nothing; such a zone is up when its init lives, which the boot has checked. The wait takes no lock, so other
/// commands on the zone can run.
/// </summary>
public sealed class ZoneStart(ZoneHost host, string name, IReporter reporter)
{
    /// <summary>Default limit of the wait, seconds: longer than systemd waits for a unit (90).</summary>
    public const int DefaultLimitSeconds = 120;

    private static readonly BackOff _pauses = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));

    /// <exception cref="LofizoneException">The zone did not come up. A zone that still runs is left running.</exception>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellation)
    {
        long start = host.Time.GetTimestamp();
        int id = host.Index.LoadRun(name)?.Id ?? 0;
        for (int asked = 0; ; asked++)
        {
            InitReadiness init = await host.Runtime.AskInitAsync(name, cancellation);
            TimeSpan elapsed = host.Time.GetElapsedTime(start);
            // A halt, a reboot by the zone itself or another boot may have come in between.
            if (host.Index.LoadRun(name)?.Id != id || init.Phase == InitPhase.Ending)
                throw Ended();
            if (init.Phase is InitPhase.Ready or InitPhase.Degraded)
            {
                await SayAsync(init, elapsed, cancellation);
                return;
            }

            if (init.Phase == InitPhase.Stuck || elapsed >= limit)
                throw await NotUpAsync(init, elapsed, cancellation);
            reporter.Progress($"{name}: starts ({init.Said})", (long)elapsed.TotalSeconds, (long)limit.TotalSeconds);
            TimeSpan pause = _pauses.After(asked), left = limit - elapsed;
            await Task.Delay(pause < left ? pause : left, host.Time, cancellation);
        }
    }

    private async Task SayAsync(InitReadiness init, TimeSpan elapsed, CancellationToken cancellation)
    {
        string failed = init.Phase == InitPhase.Degraded
            ? Named(": failed: ", (await host.Runtime.UnitsAsync(name, cancellation)).Failed)
            : "";
        reporter.Line($"{name}: up after {elapsed.TotalSeconds:0.0} s ({init.Said}{failed})");
    }

    private async Task<LofizoneException> NotUpAsync(InitReadiness init, TimeSpan elapsed, CancellationToken cancellation)
    {
        (IReadOnlyList<string> failed, IReadOnlyList<string> underWay) = await host.Runtime.UnitsAsync(name, cancellation);
        string when = init.Phase == InitPhase.Stuck ? "its start has failed" : $"not up after {elapsed.TotalSeconds:0} s";
        return new LofizoneException(
            $"{name}: {when}: its systemd says {init.Said}{Named("; failed: ", failed)}{Named("; under way: ", underWay)}{Console()}",
            $"it runs on; look into it: zone login {name}, zone console {name}");
    }

    private LofizoneException Ended()
    {
        string next = host.Index.LoadReboots(name) is { NextBoot: not null }
            ? "it asked for a reboot, and is booted again: zone list -v"
            : $"zone boot {name}";
        return new LofizoneException($"{name}: ended while it started, or was halted{Console()}", next);
    }

    private string Console() => InitFailure.Printed(ConsoleTail.Since(ZonePaths.ConsoleLog(host.Paths, name), 0));

    private static string Named(string before, IReadOnlyList<string> units) => units.Count > 0 ? before + string.Join(", ", units) : "";
}
