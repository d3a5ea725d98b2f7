using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>The six fio rows on our data path and on the peer's, both attached to one server, taking turns.</summary>
public sealed class DataPathBench(BenchOptions options, IProgramRunner runner, TextWriter progress)
{
    public async Task<IReadOnlyList<Comparison>> RunAsync(HostCommands host, CancellationToken cancellation)
    {
        Fio fio = new(runner);
        await using MountedPath ours = await MountedPath.SetUpAsync(new EnginePath(options, host), options.Work, runner, cancellation);
        await using MountedPath peer = await MountedPath.SetUpAsync(new QemuPath(options, runner), options.Work, runner, cancellation);
        MountedPath[] paths = [ours, peer];
        foreach (MountedPath path in paths)
        {
            await progress.WriteLineAsync($"laying out {Fio.FileMegabytes} MiB on {path.Name}");
            await fio.LayOutAsync(path.File, cancellation);
        }

        Dictionary<(string Path, FioRow Row), List<double>> runs = [];
        for (int repeat = 0; repeat < options.Repeats; repeat++)
        {
            foreach (FioRow row in FioRow.All)
            {
                // Whoever goes second finds a warmer server: take turns at that too.
                foreach (MountedPath path in repeat % 2 == 0 ? paths : paths.Reverse())
                {
                    double value = await fio.MeasureAsync(path.File, row, options.Seconds, cancellation);
                    if (!runs.TryGetValue((path.Name, row), out List<double>? list))
                        runs[(path.Name, row)] = list = [];
                    list.Add(value);
                    await progress.WriteLineAsync(FormattableString.Invariant($"run {repeat + 1}/{options.Repeats}  {row.Name,-20} {path.Name,-20} {value,10:0} {row.Unit}"));
                }
            }
        }

        return [.. FioRow.All.Select(row => new Comparison(row.Name, row.Unit, runs[(ours.Name, row)], runs[(peer.Name, row)]))];
    }
}
