using Lofizone.Cli.Output;
using Lofizone.Cli.Reference;
using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Logs;
using Lofizone.Moving;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Zones;

namespace Lofizone.Cli;

/// <summary>
/// Verbs that only this program's own processes, the shells' completion and the build call: the binary executes itself in another role.
/// These verbs are not in the help and not in the command-line parser, so that a data path starts without the parser's cost.
/// </summary>
internal static class HiddenVerbs
{
    private static readonly Dictionary<string, Func<string[], Task<int>>> _verbs = new(StringComparer.Ordinal)
    {
        [Launcher.CrunVerb] = Launcher.RunCrunAsync,
        [Launcher.CreateVerb] = Launcher.RunCreateAsync,
        [Launcher.ConmonVerb] = Launcher.RunConmonAsync,
        [ConfinedTree.Verb] = ConfinedTree.LaunchAsync,
        [ExitNotice.Verb] = ExitedAsync,
        [ExitNotice.SettleVerb] = SettleAsync,
        [ExitNotice.FencedVerb] = FencedAsync,
        [ReferenceVerbs.CompleteVerb] = ReferenceVerbs.CompleteAsync,
        [ReferenceVerbs.ManVerb] = ReferenceVerbs.ManAsync,
        [KernelCalls.Verb] = KernelCalls.ServeAsync,
        [LoopHold.Verb] = LoopHold.ServeAsync,
        [SshSession.Verb] = MovePeerAsync,
        [EngineLauncher.Verb] = EngineProcess.RunAsync,
        [KernelWatch.Verb] = KernelWatch.RunAsync,
        [EngineLauncher.KeeperVerb] = KeeperProcess.RunAsync,
    };

    /// <summary>The role that the first argument names; null when the argument is a verb for users.</summary>
    public static Func<string[], Task<int>>? Find(string[] arguments) =>
        arguments.Length > 0 && _verbs.TryGetValue(arguments[0], out Func<string[], Task<int>>? verb) ? verb : null;

    private static string Word(string[] arguments, int index) =>
        arguments.ElementAtOrDefault(index)
            ?? throw new LofizoneException(
                "this verb is for Lofizone's own processes, which give it more words")
            { Kind = FailureKind.WrongUsage };

    /// <c>zone exited ROOT NAME</c>, run by conmon. A process in a session of its own does the work, because the work waits for conmon's
    /// end.
    private static Task<int> ExitedAsync(string[] arguments) => Failure.GuardAsync("zone exited", debug: true, () =>
    {
        Signals.UnblockAll();
        using DetachedProgram settle = DetachedProgram.Start(new ProgramRunner(), OwnProgram.Path, [ExitNotice.SettleVerb, .. arguments]);
        return Task.FromResult(0);
    });

    /// <c>zone settle ROOT NAME</c>: takes down a zone that has ended by itself, and boots the zone again if it asked for a reboot. Writes
    /// to the zone's log.
    private static Task<int> SettleAsync(string[] arguments) => Failure.GuardAsync("zone settle", debug: false, () =>
    {
        ExitNotice.LeaveSupervisor();
        return WithLogAsync(
            "taking it down after its end", EventCause.Begin("end of its init", EventActor.Zone), HostAt(Word(arguments, 0)),
            Word(arguments, 1),
            zone => zone.SettleAsync(CancellationToken.None));
    });

    /// <c>zone fenced ROOT NUMBER</c>, run by an engine whose image another host has taken: stops the zone that uses the device, if there
    /// is one.
    private static Task<int> FencedAsync(string[] arguments) => Failure.GuardAsync("zone fenced", debug: false, () =>
    {
        EngineFence.LeaveEngine();
        ZoneHost host = HostAt(Word(arguments, 0));
        return host.Lofi.Find(Word(arguments, 1)) is { ZoneName: { } zone }
            ? WithLogAsync(
                "stopping it, since its image is another host's,", EventCause.Begin("loss of its image", EventActor.Image), host, zone,
                fenced => fenced.StopFencedAsync(CancellationToken.None))
            : Task.FromResult(0);
    });

    private static ZoneHost HostAt(string root) => new(new HostPaths(root), new ProgramRunner(), TimeProvider.System, OwnProgram.Path);

    /// <summary>Runs work that no user waits for. A failure becomes an error in the log.</summary>
    private static async Task<int> WithLogAsync(string what, EventCause cause, ZoneHost host, string zone, Func<Zone, Task> action)
    {
        using EventCause during = cause;
        await using HostLogWriter writer = HostLog.Open(host.Paths, zone, Path.Combine(host.Paths.Log, zone, "settle.log"));
        Console.SetOut(writer);
        Console.SetError(writer);
        try
        {
            await action(new Zone(host, zone, new LogReporter(writer)));
            return 0;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            string advice = error is LofizoneException { Advice: { } next } ? "; " + next : "";
            EventLog.Add(host.Paths, zone, ZoneEventKind.Failed, error.Message);
            writer.Add(SafeText.Line($"{what} failed: {error.Message}{advice}"), LogPriority.Error);
            return Failure.ExitFailure;
        }
    }

    /// <c>zone move-peer</c>, run over ssh by <c>zone move</c> and <c>zone evacuate</c> on another host: the far end of a move.
    private static Task<int> MovePeerAsync(string[] arguments) => Failure.GuardAsync("zone move-peer", debug: false, async () =>
    {
        await using Stream input = Console.OpenStandardInput();
        await using Stream output = Console.OpenStandardOutput();
        await using MovePeer peer = new(ZoneHost.FromEnvironment(), input, output);
        await peer.RunAsync();
        return 0;
    });
}
