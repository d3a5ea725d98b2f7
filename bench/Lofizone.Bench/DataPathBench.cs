using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>The six fio rows on our data path and on the peer's, on the ceiling and on the server alone, all on one server, taking turns.</summary>
public sealed class DataPathBench(BenchOptions options, IProgramRunner runner, TextWriter progress)
{
    private const double Gibibyte = 1L << 30;

    /// <summary>For an engine that was just attached to come to rest.</summary>
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(1);

    private readonly KernelThreads _kernel = new(options.Proc);
    private readonly Fio _fio = new(runner);

    public async Task RunAsync(HostCommands host, Figures figures, CancellationToken cancellation)
    {
        EnginePath engine = new(options, host);
        ServerAlone server = new(options);
        await using MountedPath ours = await MountedPath.SetUpAsync(engine, options.Work, runner, cancellation);
        await Task.Delay(_rest, cancellation);
        long idle = ProcessMemory.ResidentKiB(engine.Pid);
        await using MountedPath peer = await MountedPath.SetUpAsync(new QemuPath(options, runner), options.Work, runner, cancellation);
        await using MountedPath memory = await MountedPath.SetUpAsync(new MemoryPath(options, runner), options.Work, runner, cancellation);
        foreach (MountedPath path in (MountedPath[])[ours, peer, memory])
        {
            await progress.WriteLineAsync($"laying out {Fio.FileMegabytes} MiB on {path.Name}");
            await _fio.LayOutAsync(path.File, cancellation);
        }

        await server.LayOutAsync(cancellation);
        FioRow[] rows = [.. FioRow.All.Where(row => options.Rows.Contains(row.Key))];
        foreach (FioRow row in rows)
            figures.Io.Add(new IoFigures(row.Name, row.Unit));
        try
        {
            for (int repeat = 0; repeat < options.Repeats; repeat++)
            {
                foreach ((FioRow row, IoFigures into) in rows.Zip(figures.Io))
                    await RoundAsync(repeat, row, into, ours, peer, memory, server, cancellation);
            }
        }
        finally
        {
            server.Remove();
        }

        figures.Memory = new EngineMemory(idle, ProcessMemory.PeakKiB(engine.Pid));
    }

    private async Task RoundAsync(
        int repeat, FioRow row, IoFigures into, MountedPath ours, MountedPath peer, MountedPath memory, ServerAlone server, CancellationToken cancellation)
    {
        // Whoever goes second finds a warmer server: take turns at that too.
        foreach (MountedPath path in repeat % 2 == 0 ? (MountedPath[])[ours, peer] : [peer, ours])
        {
            CpuTime before = path.Cpu(_kernel);
            FioResult result = await _fio.MeasureAsync(path.File, row, options.Seconds, cancellation);
            double cpu = (path.Cpu(_kernel) - before).Total / 1e9 / (result.Bytes / Gibibyte);
            (path == ours ? into.Ours : into.Peer).Add(result.Value);
            (path == ours ? into.OursCpu : into.PeerCpu).Add(cpu);
            await SayAsync(repeat, row, path.Name, result.Value, FormattableString.Invariant($", CPU {cpu:0.00} s/GiB"));
        }

        double ceiling = (await _fio.MeasureAsync(memory.File, row, options.Seconds, cancellation)).Value;
        into.Ceiling.Add(ceiling);
        await SayAsync(repeat, row, memory.Name, ceiling);
        double prepared = server.MeasurePrepared(row, options.Seconds);
        into.ServerPrepared.Add(prepared);
        await SayAsync(repeat, row, "server, prepared", prepared);
        double client = await server.MeasureClientAsync(row, pack: false, options.Seconds, cancellation);
        into.ServerClient.Add(client);
        await SayAsync(repeat, row, "server, our client", client);
        if (row.IsRandom && row.Depth > 1)
        {
            double packing = await server.MeasureClientAsync(row, pack: true, options.Seconds, cancellation);
            into.ServerPacking.Add(packing);
            await SayAsync(repeat, row, "server, packing", packing);
        }
    }

    private Task SayAsync(int repeat, FioRow row, string what, double value, string more = "") => progress.WriteLineAsync(
        FormattableString.Invariant($"round {repeat + 1}/{options.Repeats}  {row.Name,-20} {what,-20} {value,10:0} {row.Unit}{more}"));
}
