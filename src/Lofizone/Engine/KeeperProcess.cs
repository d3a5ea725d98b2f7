using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Logs;

namespace Lofizone.Engine;

/// <summary>
/// The process that makes an engine's death harmless. The keeper holds the same descriptors as the engine (<see cref="KeptDescriptors"/>),
/// waits for the engine's end, and starts a successor. The keeper does no other work, so that little can fail in it.
/// </summary>
public static class KeeperProcess
{
    /// <summary>
    /// Runs a keeper to its end, and returns the exit code. After the end of both keeper and engine the device's I/O fails.
    /// </summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        try
        {
            return Task.FromResult(Run(arguments));
        }
        catch (LinuxException e)
        {
            // The launcher could not be found, or the log could not be opened.
            Console.Error.WriteLine(e.Message);
            return Task.FromResult(1);
        }
    }

    private static int Run(string[] arguments)
    {
        Exec.CloseOthersOnExec();
        if (KeptCall.Parse(arguments, out KeptDescriptors? held) is not { } call || !Directory.Exists(call.Directory.Path))
            return 2;
        // The keeper writes its identity before it looks for the parameters. So a command that takes the parameters away knows afterwards
        // which process to end.
        call.Directory.WriteKeeper(ProcessIdentity.Current);
        if (!File.Exists(call.Directory.Parameters))
            return 1;
        return held is null ? StartFirst(call) : TakeOver(call, held);
    }

    private static int StartFirst(KeptCall call)
    {
        // The keeper enters its cgroup first, because memory counts for the cgroup in which it is allocated.
        IReadOnlyList<string> refused = [.. call.Cgroup?.Enter() ?? [], .. ProcessProtection.ApplyInherited()];
        KeptDescriptors held = KeptDescriptors.Make();
        int process = held.Start(EngineLauncher.Verb, call);
        ProcessHandle? engine = ProcessHandle.Open(process);
        EngineLogFile.DropStandardStreams();
        EngineLogFile.Open(call.LogFile, fresh: true);
        EngineLog log = LogOf(call);
        foreach (string what in refused)
            log.Write($"keeper: {what}");
        return Watch(call, held, engine, process, log);
    }

    /// <summary>
    /// Starts as the keeper of an engine whose own keeper has ended. The engine is this process's parent, unless the engine has died since.
    /// </summary>
    private static int TakeOver(KeptCall call, KeptDescriptors held)
    {
        int process = call.Parent!.Value;
        ProcessHandle? engine = ProcessHandle.Open(process);
        if (Processes.ParentId != process)
            engine = null;
        EngineLog log = LogOf(call);
        log.Write($"keeper: process {Environment.ProcessId} keeps for engine {process}");
        return Watch(call, held, engine, process, log);
    }

    /// <summary>The log of the parameters' host and zone. A keeper without parameters is about to end.</summary>
    private static EngineLog LogOf(KeptCall call) =>
        HostFile.Read(call.Directory.Parameters) is { } json
            && JsonSerializer.Deserialize(json, EngineJson.Default.EngineParameters) is { } parameters
            ? EngineLog.Of(parameters)
            : new EngineLog(new BoundedLog(call.LogFile, zone: null, TimeProvider.System));

    private static int Watch(KeptCall call, KeptDescriptors held, ProcessHandle? engine, int process, EngineLog log)
    {
        if (ProcessProtection.LockMemory() is { } refused)
            log.Write($"keeper: {refused}");
        KeeperNotes notes = held.Notes;
        while (true)
        {
            engine?.WaitForEnd();
            EngineDeath death = new(TimeProvider.System.GetTimestamp(), notes.Progress);
            engine?.Dispose();
            engine = null;
            string how = Spawn.Reap(process) ?? "not known how";
            if (notes.Phase != EnginePhase.Serving)
                return notes.Phase == EnginePhase.Ended ? 0 : 1;
            if (!MayGoOn(call, notes, death, log, process, how, out TimeSpan pause))
                return 1;
            notes.Add(death);
            if (pause > TimeSpan.Zero)
                Polling.Wait([], pause);
            try
            {
                process = held.Start(EngineLauncher.Verb, call);
                engine = ProcessHandle.Open(process);
                log.WriteEnd($"engine ended ({how}); process {process} goes on");
            }
            catch (LinuxException e)
            {
                log.WriteEnd($"engine {process} ended ({how}), and no other one could be started: {e.Message}");
            }
        }
    }

    private static bool MayGoOn(
        KeptCall call, KeeperNotes notes, EngineDeath death, EngineLog log, int process, string how, out TimeSpan pause)
    {
        pause = TimeSpan.Zero;
        string? why = null;
        if (!File.Exists(call.Directory.Parameters))
            why = "it is being detached";
        else if (!notes.CanResend)
            why = "this kernel can't send its requests to another one (FUSE_HAS_RESEND is of Linux 6.9)";
        else if (RestartPolicy.Next(notes.Deaths, death, TimeProvider.System) is { } wait)
            pause = wait;
        else
            why = "engines die too often: see above why";
        if (why is null)
            return true;
        log.WriteEnd($"engine {process} ended ({how}) and no other one is started: {why}");
        try
        {
            call.Directory.WriteGaveUp(
                $"the last one ended by {how}, and no other one was started: "
                + $"{why.Replace("see above why", $"see {call.LogFile}", StringComparison.Ordinal)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Write($"keeper: the reason could not be left for zone explain: {e.Message}");
        }

        return false;
    }
}
