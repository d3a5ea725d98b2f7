using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Tracing;

namespace Lofizone.Engine;

/// <summary>Starts engines, asks engines for their status, and ends engines. An engine is this program in another role.</summary>
/// <param name="zoneBinary">The program to start; null for this process's own.</param>
/// <param name="paths">The host's paths, which name the logs.</param>
/// <param name="programs">Finds setsid(1).</param>
/// <param name="time">Clock of the deadlines.</param>
public sealed class EngineLauncher(string? zoneBinary, HostPaths paths, IProgramRunner programs, TimeProvider time)
{
    /// <summary>First argument of a process that is an engine.</summary>
    public const string Verb = "engine";

    /// <summary>First argument of a process that is an engine's keeper.</summary>
    public const string KeeperVerb = "keeper";

    /// <summary>
    /// Longest wait for an engine to be ready. A server that has just started grants no lock during its grace period, 90 s by default.
    /// </summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(150);

    /// <summary>Limit for the server's sign of life and the way to the engine.</summary>
    private static readonly TimeSpan _probeLimit = EngineControl.ProbeLimit + TimeSpan.FromMilliseconds(500);

    /// <summary>Pause before an engine that is being restarted is asked again.</summary>
    private static readonly TimeSpan _askAgain = TimeSpan.FromMilliseconds(50);

    private const int ReportLimitCharacters = 16 << 10;

    /// <summary>Time from SIGTERM, or the end of an orderly stop, to SIGKILL.</summary>
    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(5);

    /// <summary>Path of this program, which is started in another role.</summary>
    internal string Binary => zoneBinary ?? OwnProgram.Path;

    /// <summary>Starts an engine for a device and waits until it serves the image.</summary>
    /// <param name="file">URI of the image.</param>
    /// <param name="token">Random name of the device, which the owner record carries.</param>
    /// <param name="zone">The zone that the device serves; null when there is none.</param>
    /// <param name="directory">The engine's own directory.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ImageLockedException">Another host holds the image.</exception>
    /// <exception cref="LofizoneException">
    /// The server can't be reached, the image can't be opened, or the engine could not work.
    /// </exception>
    internal async Task<EngineReady> StartAsync(
        ShareUri file, string token, string? zone, EngineDirectory directory, CancellationToken cancellation)
    {
        if (!File.Exists("/dev/fuse"))
            throw new LofizoneException(
                "/dev/fuse: not there: this kernel has no FUSE (or this is a container without devices)", "load it: modprobe fuse");
        directory.Remove();
        HostFile.MakeDirectory(directory.Path);
        HostFile.MakeDirectory(paths.Log);
        NfsIdentity identity = NfsIdentity.Of(file);
        EngineParameters parameters = new(
            file.ToString(), identity.Uid, identity.Gid, RandomBytes.Get(OwnerEviction.ClientOwnerBytes),
            Path.Combine(paths.Log, $"lofi-{directory.Number}.log"), token, paths.Root, TraceLayersText.FromEnvironment(), zone);
        HostFile.Write(directory.Parameters, JsonSerializer.SerializeToUtf8Bytes(parameters, EngineJson.Default.EngineParameters));

        SystemdScope? scope = SystemdScope.OfDevice(paths, directory.Number);
        using DetachedProgram program = DetachedProgram.Start(
            programs, scope, Binary, KeeperVerb, directory.Path, Binary, parameters.LogFile,
            scope?.Cgroup ?? OwnCgroup.OfDevice(paths, directory.Number).Path);
        EngineReport report = await ReadReportAsync(program, parameters, Link(directory), cancellation);
        return report.Outcome switch
        {
            EngineOutcome.Done when directory.ReadProcess() is { } process => new EngineReady(process, directory.Image),
            EngineOutcome.Locked => throw new ImageLockedException(report.Message ?? $"{file}: locked"),
            _ => throw new LofizoneException(
                report.Message ?? $"{Link(directory)}: its engine could not start", report.Advice ?? $"see its log: {parameters.LogFile}"),
        };
    }

    /// <summary>Asks an engine for its status. Null when there is no engine, or no answer within the limit.</summary>
    internal async Task<EngineStatus?> StatusAsync(EngineDirectory directory, TimeSpan limit, CancellationToken cancellation)
    {
        string? answer = await AskAsync(directory, EngineControl.Status, limit, cancellation);
        return answer is null ? null : JsonSerializer.Deserialize(answer, EngineJson.Default.EngineStatus);
    }

    /// <summary>
    /// The reason why an engine's requests wait now; null when they go on. The engine asks its server for a sign of life. An engine that
    /// does not answer itself counts as a silent server.
    /// </summary>
    internal async Task<DeviceStall?> StallAsync(EngineDirectory directory, CancellationToken cancellation)
    {
        string? answer = await AskAsync(directory, EngineControl.Probe, _probeLimit, cancellation);
        // The engine has ended. Later requests fail, and do not wait.
        if (answer is null && !IsServed(directory))
            return null;
        try
        {
            return DeviceStall.Of(answer is null ? null : JsonSerializer.Deserialize(answer, EngineJson.Default.EngineStatus));
        }
        catch (JsonException)
        {
            // The engine does not know the word, so its own belief about the server counts.
            return DeviceStall.Of(await StatusAsync(directory, _probeLimit, cancellation) is { Connected: true } status ? status : null);
        }
    }

    /// <summary>
    /// Asks an engine for its counters. Null when there is no engine, no answer within the limit, or when the engine's version does not
    /// know the question.
    /// </summary>
    internal async Task<EngineStatistics?> StatisticsAsync(EngineDirectory directory, TimeSpan limit, CancellationToken cancellation)
    {
        string? answer = await AskAsync(directory, EngineControl.Statistics, limit, cancellation);
        return answer is not null
            && JsonSerializer.Deserialize(answer, EngineJson.Default.EngineStatistics) is { Status: not null } statistics
            ? statistics
            : null;
    }

    /// <summary>Has an engine trace these layers from now on. Null when there is no engine, or no answer within the limit.</summary>
    internal async Task<EngineReport?> TraceAsync(
        EngineDirectory directory, TraceLayers layers, TimeSpan limit, CancellationToken cancellation)
    {
        string? answer = await AskAsync(directory, $"{EngineControl.Trace} {layers.Text()}", limit, cancellation);
        return answer is null ? null : JsonSerializer.Deserialize(answer, EngineJson.Default.EngineReport);
    }

    /// <summary>Sets the limits of a device's requests. Null when there is no engine, or no answer within the limit of time.</summary>
    internal async Task<EngineReport?> LimitAsync(
        EngineDirectory directory, IoLimits limits, TimeSpan limit, CancellationToken cancellation)
    {
        string? answer = await AskAsync(directory, $"{EngineControl.Limit} {limits.Words}", limit, cancellation);
        return answer is null ? null : JsonSerializer.Deserialize(answer, EngineJson.Default.EngineReport);
    }

    /// <summary>
    /// Ends a device's engine and removes the engine's directory; does nothing when there is none. Without <paramref name="force"/> the
    /// engine stores and unlocks first.
    /// </summary>
    /// <exception cref="LofizoneException">
    /// The engine could not store all data in time. The engine still runs, and the call may be repeated.
    /// </exception>
    internal async Task StopAsync(EngineDirectory directory, bool force, TimeSpan limit, CancellationToken cancellation)
    {
        if (!Directory.Exists(directory.Path))
            return;

        // An engine that was just started writes its identity before it looks for the parameters. So either the engine finds no parameters,
        // or this command finds the engine.
        EngineParameters? parameters = directory.TakeParameters();
        if (!force && IsServed(directory))
        {
            try
            {
                await StopInOrderAsync(directory, parameters?.File, limit, cancellation);
            }
            catch
            {
                // The engine goes on, and its keeper must protect it as before.
                directory.GiveParametersBack();
                throw;
            }
        }

        if (force)
            directory.Kill();
        await EndAsync(directory, cancellation);

        // An engine that ended in order has removed its process file, and has left no state on the server.
        if (parameters is not null && directory.ReadProcess() is not null && !(force && directory.WasSilent(time)))
            await EngineClaim.ReleaseAsync(parameters, time, force, cancellation);
        directory.Remove();
        await OwnCgroup.OfDevice(paths, directory.Number).RemoveAsync(time, cancellation);
    }

    /// <summary>The device's name in messages.</summary>
    private string Link(EngineDirectory directory) => $"{paths.DevLofi}/{directory.Number}";

    /// <summary>True when an engine runs, or a keeper that is starting another engine.</summary>
    private static bool IsServed(EngineDirectory directory) => directory.ReadProcess() is { IsAlive: true }
        || directory.ReadKeeper() is { IsAlive: true };

    private async Task StopInOrderAsync(EngineDirectory directory, string? file, TimeSpan limit, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        string? answer;
        while ((answer = await AskAsync(directory, EngineControl.Stop, limit, cancellation)) is null && IsServed(directory)
            && time.GetElapsedTime(start) < limit)
            await Task.Delay(_askAgain, time, cancellation);
        EngineReport? report = answer is null ? null : JsonSerializer.Deserialize(answer, EngineJson.Default.EngineReport);
        if (report is { Outcome: EngineOutcome.Done } || !IsServed(directory))
            return;
        throw new LofizoneException(
            $"{Link(directory)}: its engine could not finish: "
            + $"{report?.Message ?? $"no answer within {limit.TotalSeconds:0} s: does the server of {file ?? "its image"} answer?"}",
            report?.Advice ?? $"run again when the server answers; or give up what it has not confirmed: lofiadm -f -d {Link(directory)}");
    }

    /// <summary>Waits for the end of engine and keeper, and kills both if necessary.</summary>
    private static async Task EndAsync(EngineDirectory directory, CancellationToken cancellation)
    {
        if (directory.ReadProcess() is { } engine)
            await EndAsync(engine, cancellation);
        // The keeper has seen its engine's end by now, or never had an engine.
        if (directory.ReadKeeper() is { } keeper)
            await EndAsync(keeper, cancellation);
    }

    private static async Task EndAsync(ProcessIdentity engine, CancellationToken cancellation)
    {
        if (await Processes.WaitForEndAsync(engine, _endLimit, cancellation))
            return;
        Processes.Send(engine, Signal.Kill);
        if (!await Processes.WaitForEndAsync(engine, _endLimit, cancellation))
            throw new LofizoneException(
                $"process {engine.Pid}: an engine or keeper that did not end even when killed",
                "look what it waits for: cat /proc/" + engine.Pid + "/stack");
    }

    private async Task<string?> AskAsync(EngineDirectory directory, string request, TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = new(limit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            return await EngineControl.AskAsync(directory, request, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<EngineReport> ReadReportAsync(
        DetachedProgram program, EngineParameters parameters, string link, CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = new(StartLimit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            string? line = await program.Output.ReadLineAsync(linked.Token);
            if (line is { Length: > 0 and <= ReportLimitCharacters }
                && JsonSerializer.Deserialize(line, EngineJson.Default.EngineReport) is { } report)
                return report;
            string error = (await program.Error.ReadToEndAsync(linked.Token)).Trim();
            return new EngineReport
            {
                Outcome = EngineOutcome.Failed,
                Message = $"{link}: its engine ended before it was ready{(error.Length > 0 ? ": " + error : "")}",
                Advice = $"see its log: {parameters.LogFile}",
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new LofizoneException(
                $"{parameters.File}: its engine was not ready within {StartLimit.TotalSeconds:0} s", $"see its log: {parameters.LogFile}");
        }
    }
}
