using System.Diagnostics;
using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary><c>zone list</c> on a host with many configured zones.</summary>
public sealed class ZoneListBench(BenchOptions options, HostCommands host, TextWriter progress)
{
    private const int Calls = 10;

    public async Task<IReadOnlyList<Timing>> RunAsync(CancellationToken cancellation)
    {
        await progress.WriteLineAsync($"configuring {options.Zones} zones");
        await Parallel.ForAsync(0, options.Zones, cancellation, async (i, token) =>
        {
            string name = $"z{i:0000}";
            await host.RunAsync("zonecfg", ["-z", name, $"create; set zonepath={host.Paths.Zones}/{name}; commit; exit"], token);
        });
        return
        [
            await MeasureAsync("zone", ["list"], cancellation),
            await MeasureAsync("zoneadm", ["list", "-cv"], cancellation),
        ];
    }

    private async Task<Timing> MeasureAsync(string command, string[] arguments, CancellationToken cancellation)
    {
        List<double> times = [];
        for (int call = 0; call <= Calls; call++)
        {
            long start = Stopwatch.GetTimestamp();
            ProgramResult result = await host.RunAsync(command, arguments, cancellation);
            double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            int lines = result.Output.Count(c => c == '\n');
            if (lines < options.Zones)
                throw new LofizoneException($"{command} {string.Join(' ', arguments)}: {lines} lines for {options.Zones} zones");
            // The first call warms the page cache.
            if (call > 0)
                times.Add(elapsed);
        }

        return new Timing($"{command} {string.Join(' ', arguments)}, {options.Zones} zones configured", times);
    }
}
