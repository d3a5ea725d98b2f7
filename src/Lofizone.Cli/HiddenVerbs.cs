using Lofizone.Cli.Output;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Lofi;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Zones;

namespace Lofizone.Cli;

/// <summary>
/// Verbs that only our own processes call: the binary executes itself again in another role.
/// They stay out of the help and out of the command-line parser, so that a data path starts without its cost.
/// </summary>
internal static class HiddenVerbs
{
    /// <summary>Prints the steps of every operation, for tests that kill a command at each of them.</summary>
    private const string StepsVerb = "steps";

    private static readonly Dictionary<string, Func<string[], Task<int>>> _verbs = new(StringComparer.Ordinal)
    {
        [Launcher.CrunVerb] = Launcher.RunCrunAsync,
        [Launcher.ConmonVerb] = Launcher.RunConmonAsync,
        [ExitNotice.Verb] = ExitedAsync,
        [ExitNotice.SettleVerb] = SettleAsync,
        [StepsVerb] = StepsAsync,
        [EngineLauncher.Verb] = EngineProcess.RunAsync,
    };

    /// <summary>The role named by the first argument, or null when it is a verb for users.</summary>
    public static Func<string[], Task<int>>? Find(string[] arguments) =>
        arguments.Length > 0 && _verbs.TryGetValue(arguments[0], out Func<string[], Task<int>>? verb) ? verb : null;

    /// <summary><c>zone exited ROOT NAME</c>, run by conmon: leaves the work to a process of its own session, since the work waits for conmon's end.</summary>
    private static Task<int> ExitedAsync(string[] arguments) => Failure.GuardAsync("zone exited", debug: true, () =>
    {
        Signals.UnblockAll();
        using DetachedProgram settle = DetachedProgram.Start(new ProgramRunner(), Environment.ProcessPath!, [ExitNotice.SettleVerb, .. arguments]);
        return Task.FromResult(0);
    });

    /// <summary><c>zone settle ROOT NAME</c>: takes a zone down that ended by itself, and boots it again when it asked for that. Writes to the zone's log.</summary>
    private static async Task<int> SettleAsync(string[] arguments)
    {
        HostPaths paths = new(arguments[0]);
        ZoneHost host = new(paths, new ProgramRunner(), TimeProvider.System, Environment.ProcessPath!);
        string log = Path.Combine(paths.Log, arguments[1], "settle.log");
        HostFile.MakeDirectory(Path.GetDirectoryName(log)!);
        await using StreamWriter writer = new(log, append: true) { AutoFlush = true };
        Console.SetOut(writer);
        Console.SetError(writer);
        return await Failure.GuardAsync("zone settle", debug: false, async () =>
        {
            await new Zones.Zone(host, arguments[1], new ConsoleReporter(host.Time)).SettleAsync(CancellationToken.None);
            return 0;
        });
    }

    private static Task<int> StepsAsync(string[] arguments)
    {
        ZoneHost host = ZoneHost.FromEnvironment();
        foreach ((string operation, string step) in Zones.Zone.AllSteps(host, host.Require(arguments[0])))
            Console.WriteLine($"{operation}/{step}");
        return Task.FromResult(0);
    }
}
