using System.Runtime.InteropServices;
using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Tracing;

namespace Lofizone.Engine;

/// <summary>
/// The process that is an engine, started by a <see cref="KeeperProcess"/>. The engine is a device's first, or the successor of a killed
/// engine, whose session, data and requests it takes over.
/// </summary>
public static class EngineProcess
{
    /// <summary>Runs an engine to its end; returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        Exec.CloseOthersOnExec();
        if (KeptCall.Parse(arguments, out KeptDescriptors? held) is not { } call || held is null)
            return 2;
        EngineDirectory directory = call.Directory;

        // The engine writes its identity before it reads the parameters. So a command that takes the parameters away knows afterwards which
        // process to end.
        ProcessIdentity self = ProcessIdentity.Current;
        if (!Directory.Exists(directory.Path))
            return 1;
        directory.WriteProcess(self);
        if (HostFile.Read(directory.Parameters) is not { } json
            || JsonSerializer.Deserialize(json, EngineJson.Default.EngineParameters) is not { } parameters)
            return 1;
        KeeperNotes notes = held.Notes;
        bool resumes = notes.Phase == EnginePhase.Serving;

        Stream launcher = resumes ? Stream.Null : Console.OpenStandardOutput();
        if (!resumes)
            EngineLogFile.Open(parameters.LogFile, fresh: false);
        EngineLog log = EngineLog.Of(parameters);
        using MessageTrace trace = new(parameters.TraceFile, log.Write, TimeProvider.System);
        if (!resumes)
            notes.Trace = parameters.Trace;
        trace.Layers = notes.Trace;
        EngineKeeper keeper = new(call, held, log, TimeProvider.System);
        EngineHost host = new(
            directory,
            parameters,
            log,
            TimeProvider.System,
            (_, cancellation) => OpenAsync(parameters, held, resumes, trace, cancellation),
            async (file, path, _, cancellation) =>
            {
                EngineFuseMount mount = resumes
                    ? EngineFuseMount.Resume(file, path, log, held.Fuse, trace.Fuse)
                    : await EngineFuseMount.MakeAsync(file, path, log, held.Fuse, trace.Fuse, cancellation);
                notes.CanResend = mount.CanResend;
                Reached(notes, resumes, "serve");
                return mount;
            },
            keeper,
            trace)
        {
            OnFenced = _ => EngineFence.StopZone(parameters.HostRoot, directory.Number),
        };
        using CancellationTokenSource end = new();
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            end.Cancel();
            _ = TerminateAsync(host);
        });
        int code = await host.RunAsync(
            report =>
            {
                if (report.Outcome == EngineOutcome.Done)
                    StartServing(notes, keeper, log);
                else if (resumes)
                    // A failed resume does not end in order, because an orderly end would unmount and unlock. The keeper tries again with
                    // another engine.
                    Signals.Send(Environment.ProcessId, Signal.Kill);
                if (!resumes)
                    Tell(launcher, report);
            },
            end.Token);
        keeper.End();
        notes.Phase = EnginePhase.Ended;
        // Session and client ID are ended, so no later command needs to release them.
        HostFile.Delete(directory.Process);
        return code;
    }

    private static async Task<IEngineStore> OpenAsync(
        EngineParameters parameters, KeptDescriptors held, bool resumes, MessageTrace trace, CancellationToken cancellation)
    {
        if (!resumes)
        {
            EngineNfsStore opened = await EngineNfsStore.OpenAsync(parameters, held.Memory, trace.Nfs, cancellation);
            held.Notes.Generation = opened.Proof.Generation;
            return opened;
        }

        KeeperNotes notes = held.Notes;
        Reached(notes, resumes, "open");
        EngineNfsStore store = EngineNfsStore.Resume(parameters, held.Memory, notes.Generation, trace.Nfs);
        store.Limits = notes.Limits;
        _ = store.WhenReady.ContinueWith(
            _ =>
            {
                Reached(notes, resumes, "ready");
                notes.Progress++;
            },
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion,
            TaskScheduler.Default);
        Reached(notes, resumes, "mount");
        return store;
    }

    /// <summary>Notes that the engine serves. From this note on, the keeper starts a successor when the engine dies.</summary>
    private static void StartServing(KeeperNotes notes, EngineKeeper keeper, EngineLog log)
    {
        notes.Phase = EnginePhase.Serving;
        keeper.Watch();
        if (ProcessProtection.LockMemory() is { } refused)
            log.Write(refused);
        if (!notes.CanResend)
            log.Write(
                "this kernel can't send requests to another engine (FUSE_HAS_RESEND is of Linux 6.9): the end of this one would be the "
                + "device's");
    }

    /// <summary>A point at which a test kills the N-th engine that resumes, counted from 1: <c>resumeN/STEP/before</c>.</summary>
    private static void Reached(KeeperNotes notes, bool resumes, string step)
    {
        if (resumes)
            FaultPoint.Reached($"resume{notes.Restarts}", step, "before");
    }

    private static async Task TerminateAsync(EngineHost host)
    {
        if (await host.StopAsync() is { Outcome: EngineOutcome.Done })
            host.Finish();
    }

    /// <summary>Sends one line to the launcher, and then closes the pipe, which must not stay open.</summary>
    private static void Tell(Stream launcher, EngineReport report)
    {
        try
        {
            launcher.Write([.. JsonSerializer.SerializeToUtf8Bytes(report, EngineJson.Default.EngineReport), (byte)'\n']);
            launcher.Flush();
        }
        catch (IOException)
        {
            // The launcher was killed. The device's record tells the next command about this engine.
        }

        EngineLogFile.DropStandardStreams();
    }
}
