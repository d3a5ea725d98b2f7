using System.Runtime.InteropServices;
using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Lofi;

/// <summary>The process that is an engine: started by <see cref="EngineLauncher"/> with its runtime directory as the only argument.</summary>
public static class EngineProcess
{
    private const uint LogMode = 0x180; // 0600

    /// <summary>A log beyond this size, bytes, is put aside when an engine starts (one old one is kept).</summary>
    private const long LogLimitBytes = 1 << 20;

    private const string OomScore = "/proc/self/oom_score_adj";

    /// <summary>Spared by the kernel's out-of-memory killer until nearly all else is gone: a zone's root depends on it.</summary>
    private const string OomScoreOfEngine = "-900";

    /// <summary>What an engine runs when it is fenced, with the host's root and the device's number; see <c>Zones</c>.</summary>
    public const string FencedVerb = "fenced";

    /// <summary>Runs an engine to its end; returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Length != 1)
            return 2;
        EngineDirectory directory = new(arguments[0]);

        // In this order, so that whoever takes the parameters away knows afterwards which process to end.
        ProcessIdentity self = ProcessIdentity.Current;
        if (!Directory.Exists(directory.Path))
            return 1;
        HostFile.Write(directory.Process, JsonSerializer.SerializeToUtf8Bytes(new EngineProcessRecord(self.Pid, self.StartTicks), EngineJson.Default.EngineProcessRecord));
        if (HostFile.Read(directory.Parameters) is not { } json || JsonSerializer.Deserialize(json, EngineJson.Default.EngineParameters) is not { } parameters)
            return 1;

        Stream launcher = Console.OpenStandardOutput();
        OpenLog(parameters.LogFile);
        EngineLog log = new(Console.Error, TimeProvider.System);
        Protect(log);
        EngineHost host = new(directory, parameters, log, TimeProvider.System, EngineNfsStore.OpenAsync, EngineFuseMount.MakeAsync)
        {
            OnFenced = _ => StopZone(directory, parameters.HostRoot),
        };
        using CancellationTokenSource end = new();
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            end.Cancel();
            _ = TerminateAsync(host);
        });
        int code = await host.RunAsync(report => Tell(launcher, report), end.Token);
        // Session and client ID are ended: no command need release them after us.
        HostFile.Delete(directory.Process);
        return code;
    }

    /// <summary>In a process of its own: it takes the zone's lock, and may wait for a command that has it.</summary>
    private static void StopZone(EngineDirectory directory, string hostRoot)
    {
        string binary = Environment.ProcessPath ?? throw new LofizoneException("the path of this program is unknown");
        using DetachedProgram stop = DetachedProgram.Start(
            new ProgramRunner(), binary, FencedVerb, hostRoot, Path.GetFileName(directory.Path));
    }

    private static async Task TerminateAsync(EngineHost host)
    {
        if (await host.StopAsync() is { Outcome: EngineOutcome.Done })
            host.Finish();
    }

    /// <summary>Says one line to the launcher, and then nothing to anybody: the launcher's pipe must not stay open.</summary>
    private static void Tell(Stream launcher, EngineReport report)
    {
        try
        {
            launcher.Write([.. JsonSerializer.SerializeToUtf8Bytes(report, EngineJson.Default.EngineReport), (byte)'\n']);
            launcher.Flush();
        }
        catch (IOException)
        {
            // The launcher was killed; the device's record tells the next command that this engine is here.
        }

        using FileDescriptor nowhere = Files.Open("/dev/null", OpenFlags.ReadWrite);
        Files.Replace(0, nowhere);
        Files.Replace(1, nowhere);
    }

    private static void OpenLog(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > LogLimitBytes })
            File.Move(path, path + ".1", overwrite: true);
        using FileDescriptor log = Files.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append | OpenFlags.NoFollow, LogMode);
        Files.Replace(2, log);
    }

    /// <summary>Against memory pressure that waits for this very process; where the host refuses, the log says so and work goes on.</summary>
    private static void Protect(EngineLog log)
    {
        try
        {
            Processes.BecomeIoFlusher();
        }
        catch (LinuxException e)
        {
            log.Write($"not exempt from waiting for I/O in memory reclaim: {e.Message}");
        }

        try
        {
            File.WriteAllText(OomScore, OomScoreOfEngine);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Write($"not protected from the out-of-memory killer: {OomScore}: {e.Message}");
        }
    }
}
