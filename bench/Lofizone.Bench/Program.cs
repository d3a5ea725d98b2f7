using System.Runtime.InteropServices;
using Lofizone;
using Lofizone.Bench;
using Lofizone.Programs;

using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    BenchOptions options = BenchOptions.Parse(args);
    ProgramRunner runner = new();
    TextWriter progress = Console.Error;
    Figures figures = new(MachineFacts.Read("nfs-ganesha on loopback", TimeProvider.System));
    try
    {
        if (options.Suites.Contains("io"))
            await new DataPathBench(options, runner, progress).RunAsync(Host("io"), figures, stop.Token);
        if (options.Suites.Contains("files"))
            figures.SmallFiles = await new SmallFilesBench(options, runner, progress).RunAsync(Host("files"), stop.Token);
        if (options.Suites.Contains("zone"))
            figures.Times.AddRange(await new ZoneLifeBench(options, Host("zone"), runner, progress).RunAsync(stop.Token));
        if (options.Suites.Contains("list"))
            figures.Times.AddRange(await new ZoneListBench(options, Host("list"), progress).RunAsync(stop.Token));
    }
    finally
    {
        // Also what was found before something failed.
        Report.Print(figures, Console.Out);
        Report.Write(figures, options.Json);
    }

    return 0;

    HostCommands Host(string name) => new(options.Bin, Path.Combine(options.Work, "host-" + name), runner);
}
catch (LofizoneException failure)
{
    await Console.Error.WriteLineAsync($"bench: {failure.Message}{(failure.Advice is { } advice ? $"\n  {advice}" : "")}");
    return 1;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("bench: stopped");
    return 130;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
