using System.Diagnostics;
using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>Times of <c>zone create</c>, <c>boot</c> and <c>halt</c> on the share, and of a bare <c>crun run</c> of the same bundle.</summary>
public sealed class ZoneLifeBench(BenchOptions options, HostCommands host, IProgramRunner runner, TextWriter progress)
{
    private const string Zone = "bench";

    /// <summary>Every limit that a zone can have on every host.</summary>
    private static readonly string[] _limits =
    [
        "capped-memory.physical=1g", "capped-memory.locked=1m", "capped-cpu.ncpus=2", "cpu-shares=20", "max-lwps=1000", "max-processes=1000",
        "max-msg-ids=100", "max-sem-ids=100", "max-shm-ids=100", "max-shm-memory=64m",
    ];

    public async Task<IReadOnlyList<Timing>> RunAsync(CancellationToken cancellation)
    {
        List<double> create = [], boot = [], limited = [], bare = [], bareUp = [], halt = [];
        BareContainer container = new(options, host, runner);
        for (int repeat = 0; repeat < options.Repeats; repeat++)
        {
            create.Add(await TimeAsync(() => host.RunAsync("zone", ["create", Zone, options.Share, "--size", "1g"], cancellation)));
            boot.Add(await TimeAsync(() => host.RunAsync("zone", ["boot", Zone], cancellation)));
            await container.TakeBundleAsync(Zone, cancellation);
            halt.Add(await TimeAsync(() => host.RunAsync("zone", ["halt", Zone], cancellation)));
            // The boot's root was cold, too: the device was new.
            await using (await ColdRoot.MountAsync(host, runner, $"{options.Share}/{Zone}/root.img", Zone, container, cancellation))
            {
                container.GiveCgroup();
                long start = Stopwatch.GetTimestamp();
                await container.RunAsync(cancellation);
                bare.Add(Since(start));
                await container.WaitForFirstChildAsync(cancellation);
                bareUp.Add(Since(start));
                await container.DeleteAsync();
            }

            await host.RunAsync("zone", ["set", Zone, .. _limits], cancellation);
            limited.Add(await TimeAsync(() => host.RunAsync("zone", ["boot", Zone], cancellation)));
            await host.RunAsync("zone", ["halt", Zone], cancellation);
            await host.RunAsync("zone", ["delete", Zone, "--force"], cancellation);
            await progress.WriteLineAsync(FormattableString.Invariant(
                $"run {repeat + 1}/{options.Repeats}  create {create[^1]:0} ms, boot {boot[^1]:0} ms, with limits {limited[^1]:0} ms, bare crun {bare[^1]:0} and {bareUp[^1]:0} ms, halt {halt[^1]:0} ms"));
        }

        return
        [
            new Timing("zone create (1 GiB, brand native)", create),
            new Timing("zone boot", boot),
            new Timing("zone boot with a full set of limits", limited),
            new Timing("crun run of the same bundle, nothing else", bare),
            new Timing("crun run, and wait for init's first child, as zone boot does", bareUp),
            new Timing("zone halt", halt),
        ];
    }

    private static async Task<double> TimeAsync(Func<Task<ProgramResult>> command)
    {
        long start = Stopwatch.GetTimestamp();
        await command();
        return Since(start);
    }

    private static double Since(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
