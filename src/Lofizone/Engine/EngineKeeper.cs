using Lofizone.Interop;
using Lofizone.Tracing;

namespace Lofizone.Engine;

/// <summary>
/// The keeper as its engine sees it. The engine watches the keeper and replaces a keeper that has ended. The engine goes on in any case.
/// </summary>
internal sealed class EngineKeeper(KeptCall call, KeptDescriptors held, EngineLog log, TimeProvider time)
{
    /// <summary>Number of keepers that may be started within <see cref="_window"/> before the engine goes on without one.</summary>
    private const int StartLimit = 5;

    private const int WatcherStackBytes = 128 << 10;

    private static readonly TimeSpan _window = TimeSpan.FromMinutes(1);

    private readonly Queue<long> _starts = new();
    private volatile bool _ending;
    private volatile int _process;

    /// <summary>
    /// Process ID of the keeper; null without a keeper. Without a keeper the death of the engine is the death of the device.
    /// </summary>
    public int? Pid => _process is > 0 and var process ? process : null;

    /// <summary>Number of times that an engine has taken over from another.</summary>
    public long Restarts => held.Notes.Restarts;

    /// <summary>Notes the traced layers, so that a successor traces the same layers.</summary>
    public void NoteTrace(TraceLayers layers) => held.Notes.Trace = layers;

    /// <summary>Notes the limits of the device's requests, so that a successor has the same limits.</summary>
    public void NoteLimits(IoLimits limits) => held.Notes.Limits = limits;

    /// <summary>Watches the keeper from a thread of its own, which sleeps until the keeper ends.</summary>
    public void Watch()
    {
        _process = call.Parent ?? 0;
        new Thread(Run, WatcherStackBytes) { IsBackground = true, Name = "keeper" }.Start();
    }

    /// <summary>Notes that the engine ends in order, so that no keeper is needed any more.</summary>
    public void End() => _ending = true;

    private void Run()
    {
        ProcessHandle? keeper = _process > 0 ? ProcessHandle.Open(_process) : null;
        if (Processes.ParentId != _process)
            keeper = null;
        while (true)
        {
            keeper?.WaitForEnd();
            keeper?.Dispose();
            int gone = _process;
            _process = 0;
            string how = Spawn.Reap(gone) is { } end ? $" ({end})" : "";
            if (_ending || held.Notes.Phase == EnginePhase.Ended)
                return;
            if (!File.Exists(call.Directory.Parameters))
            {
                log.Write($"the keeper (process {gone}) has ended{how}; the device is being detached");
                return;
            }

            if (!MayStart())
            {
                log.Write(
                    $"the keeper (process {gone}) has ended{how} too often: going on without one, so that the end of this engine would "
                    + "be the device's");
                return;
            }

            try
            {
                _process = held.Start(EngineLauncher.KeeperVerb, call);
                keeper = ProcessHandle.Open(_process);
                log.Write($"the keeper (process {gone}) has ended{how}; process {_process} takes its place");
            }
            catch (LinuxException e)
            {
                log.Write(
                    $"the keeper (process {gone}) has ended{how} and none could be started, so that the end of this engine would be "
                    + $"the device's: {e.Message}");
                return;
            }
        }
    }

    private bool MayStart()
    {
        long now = time.GetTimestamp();
        while (_starts.TryPeek(out long first) && time.GetElapsedTime(first, now) > _window)
            _starts.Dequeue();
        if (_starts.Count >= StartLimit)
            return false;
        _starts.Enqueue(now);
        return true;
    }
}
