using Lofizone.Fuse;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Tracing;

namespace Lofizone.Engine;

/// <summary>
/// The life of an engine: open and lock the image, mount it, serve until told to stop, store, unlock. The engine never touches the file
/// that it serves, because it would wait for itself.
/// </summary>
internal sealed class EngineHost(
    EngineDirectory directory, EngineParameters parameters, EngineLog log, TimeProvider time,
    Func<EngineParameters, CancellationToken, Task<IEngineStore>> open,
    Func<IBlockFile, string, EngineLog, CancellationToken, Task<IEngineMount>> mount,
    EngineKeeper? keeper = null, MessageTrace? trace = null)
{
    /// <summary>
    /// Time that a stop gives all users to let go of the file. The kernel lets go a little later than it is told. A container that is being
    /// started on the host has a copy of every mount for a moment.
    /// </summary>
    private static readonly TimeSpan _freeLimit = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Task<EngineReport>? _stop;
    private IEngineStore? _store;
    private IEngineMount? _mount;
    private DateTimeOffset _since;

    /// <summary>Runs to the end. Calls <paramref name="report"/> once with the outcome of the start, for the launcher.</summary>
    public async Task<int> RunAsync(Action<EngineReport> report, CancellationToken cancellation)
    {
        EngineControlServer? control = null;
        try
        {
            try
            {
                _store = await open(parameters, cancellation);
                log.Write($"{parameters.File}: open and locked");
                WatchHold(_store);
                _mount = await mount(_store.File, directory.Image, log, cancellation);
                _since = time.GetUtcNow();
                control = new EngineControlServer(
                    directory, Status, Statistics, ProbeAsync, StopAsync, log)
                { Stopped = Finish, Trace = SetTrace, Limit = SetLimits };
            }
            catch (Exception e)
            {
                log.Write($"{parameters.File}: could not start: {e}");
                _started.TrySetResult();
                report(Explain(e));
                return 1;
            }

            log.Write($"{parameters.File}: served as {directory.Image}");
            _started.TrySetResult();
            report(new EngineReport { Outcome = EngineOutcome.Done });
            _ = WatchFenceAsync(_store);
            await Task.WhenAny(_stopped.Task, MountEndAsync());
            log.Write($"{parameters.File}: the engine ends");
            return 0;
        }
        finally
        {
            if (control is not null)
                await control.DisposeAsync();
            if (_mount is not null)
                await _mount.DisposeAsync();
            if (_store is not null)
                await _store.DisposeAsync();
        }
    }

    /// <summary>Stops in order. All callers get the outcome of one attempt. After a failure the next call tries again.</summary>
    public Task<EngineReport> StopAsync()
    {
        lock (_gate)
        {
            if (_stop is null or { IsFaulted: true } or { IsCompletedSuccessfully: true, Result.Outcome: not EngineOutcome.Done })
                _stop = Task.Run(TryStopAsync);
            return _stop;
        }
    }

    /// <summary>Lets the process end, after <see cref="StopAsync"/> succeeded and the answer is sent.</summary>
    public void Finish() => _stopped.TrySetResult();

    private EngineStatus Status() => _store!.Status(_since) with
    {
        KeeperPid = keeper?.Pid,
        Restarts = keeper?.Restarts ?? 0,
        Trace = trace is { Layers: not TraceLayers.None and var layers } ? $"{layers.Text()} to {trace.Path}" : null,
        TraceDropped = trace?.Dropped ?? 0,
        MaxOperations = _store!.Limits.Operations,
        MaxBytes = _store!.Limits.Bytes,
    };

    private void SetTrace(TraceLayers layers)
    {
        if (trace is null)
            return;
        log.Write($"{parameters.File}: traced: {layers.Text()}{(layers == TraceLayers.None ? "" : $", to {trace.Path}")}");
        trace.Layers = layers;
        keeper?.NoteTrace(layers);
    }

    private void SetLimits(IoLimits limits)
    {
        // The note comes first: an engine that dies in between has set no limit that its successor does not know.
        keeper?.NoteLimits(limits);
        _store!.Limits = limits;
    }

    private async Task<EngineStatus> ProbeAsync()
    {
        bool answers = await _store!.AnswersAsync(
            Status().UnreachableSince is null ? EngineControl.ProbeLimit : EngineControl.SilentProbeLimit);
        return Status() with { Answers = answers };
    }

    private EngineStatistics Statistics() => _store!.Statistics() with { Status = Status(), Fuse = _mount!.Statistics() };

    private async Task<EngineReport> TryStopAsync()
    {
        // The stop may arrive in the middle of a start or resume. Parts that do not exist yet can't be stopped in order, so the stop waits.
        await _started.Task;
        using CancellationTokenSource free = new(_freeLimit, time);
        // What is left to store is the host's work, and no limit of the device's users delays it.
        IoLimits limits = _store?.Limits ?? default;
        bool stopped = false;
        try
        {
            if (_store is { } unlimited)
                unlimited.Limits = default;
            if (_mount is { Completion.IsCompleted: false } served)
                await served.UnmountAsync(free.Token);
            if (_store is { } store)
                await store.CloseAsync(CancellationToken.None);
            log.Write($"{parameters.File}: stored, unlocked and closed");
            stopped = true;
            return new EngineReport { Outcome = EngineOutcome.Done };
        }
        catch (OperationCanceledException) when (free.IsCancellationRequested)
        {
            log.Write($"{parameters.File}: asked to stop, but in use");
            return new EngineReport
            {
                Outcome = EngineOutcome.Failed,
                Message = $"{parameters.File}: still in use by its device, or mounted in a mount namespace that was made meanwhile",
                Advice = "detach the device first: lofiadm -d; end programs that keep copies of the host's mounts (lsns -t mnt shows them)",
            };
        }
        catch (IOException e)
        {
            log.Write($"{parameters.File}: could not be closed: {e.Message}");
            return new EngineReport { Outcome = EngineOutcome.Failed, Message = e.Message };
        }
        finally
        {
            if (!stopped && _store is { } limited)
                limited.Limits = limits;
        }
    }

    /// <summary>Called once when the image is lost to another host, after the fence is written down.</summary>
    public Action<EngineFence> OnFenced { get; init; } = _ => { };

    /// <summary>Notes a full share in a file, so that listings report the full share without asking a process.</summary>
    private void WatchHold(IEngineStore store)
    {
        // A killed predecessor may have left its own note.
        directory.NoteHeld(null);
        store.OnHold = hold =>
        {
            try
            {
                log.Write(
                    hold is null
                        ? $"{parameters.File}: there is room on the share again, writing goes on"
                        : $"{parameters.File}: {hold.Because}: writing is held until there is room");
                directory.NoteHeld(hold?.Since);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.Write($"{parameters.File}: could not be noted: {e.Message}");
            }
        };
    }

    /// <summary>
    /// Notes the fence of a fenced engine. The engine goes on, so that users of the device get errors. The rest of the host must learn of
    /// the fence without asking the engine.
    /// </summary>
    private async Task WatchFenceAsync(IEngineStore store)
    {
        EngineFence fence = await store.Fenced;
        log.Write($"{parameters.File}: fenced: {fence.Why}; all I/O fails from now on, nothing is written any more");
        try
        {
            fence.Write(directory);
            OnFenced(fence);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LofizoneException)
        {
            log.Write($"{parameters.File}: the zone on it could not be stopped: {e.Message}");
        }
    }

    /// <summary>Stops the engine when another process has taken the mount away, but not before all data is stored.</summary>
    private async Task MountEndAsync()
    {
        await _mount!.Completion;
        if (await StopAsync() is { Outcome: EngineOutcome.Done })
            return;
        await _stopped.Task;
    }

    private EngineReport Explain(Exception e) => e switch
    {
        ImageLockedException => new EngineReport { Outcome = EngineOutcome.Locked, Message = e.Message },
        LofizoneException known => new EngineReport { Outcome = EngineOutcome.Failed, Message = known.Message, Advice = known.Advice },
        _ => new EngineReport
        {
            Outcome = EngineOutcome.Failed,
            Message = $"{parameters.File}: {e.Message}",
            Advice = $"see the engine's log: {parameters.LogFile}",
        },
    };
}
