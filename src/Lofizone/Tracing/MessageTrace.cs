using System.Globalization;
using System.Text;
using Lofizone.Interop;
using Lofizone.Observation;

namespace Lofizone.Tracing;

/// <summary>
/// A device's trace. The trace takes copies of messages from the threads that send and receive them. A thread of its own puts the messages
/// into lines and the lines into a file. No thread ever waits for the trace: messages that come faster than they can be written are counted
/// and left out. The trace is off until <see cref="Layers"/> is set, and then has neither thread nor memory.
/// </summary>
internal sealed class MessageTrace : IDisposable
{
    /// <summary>Size of the buffer for messages on their way to the writer, bytes.</summary>
    private const int BufferBytes = 1 << 20;

    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _filled = new();
    private readonly TraceFile _file;
    private readonly Action<string> _log;
    private readonly TimeProvider _time;
    private readonly LayerTap _nfs;
    private readonly LayerTap _fuse;
    private readonly long _start;
    private TraceBuffer? _filling;
    private TraceBuffer? _spare;
    private Thread? _writer;
    private long _dropped;
    private bool _ended;
    private bool _failed;

    /// <param name="path">Path of the trace's file.</param>
    /// <param name="log">Called when the file can't be written.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limitBytes">See <see cref="TraceFile"/>.</param>
    public MessageTrace(string path, Action<string> log, TimeProvider time, long limitBytes = TraceFile.DefaultLimitBytes)
    {
        (Path, _log, _time) = (path, log, time);
        _file = new TraceFile(path, limitBytes);
        _start = time.GetTimestamp();
        _nfs = new LayerTap(this, TraceLayers.Nfs);
        _fuse = new LayerTap(this, TraceLayers.Fuse);
    }

    public string Path { get; }

    public IMessageTap Nfs => _nfs;

    public IMessageTap Fuse => _fuse;

    /// <summary>
    /// Number of messages that were left out, because they came faster than they could be written, or because the file could not be
    /// written.
    /// </summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>The traced layers; may be changed at any time.</summary>
    public TraceLayers Layers
    {
        get => (_nfs.IsOn ? TraceLayers.Nfs : 0) | (_fuse.IsOn ? TraceLayers.Fuse : 0);
        set
        {
            lock (_gate)
            {
                if (_ended)
                    return;
                if (value != TraceLayers.None && _writer is null)
                {
                    (_filling, _spare) = (new TraceBuffer(BufferBytes), new TraceBuffer(BufferBytes));
                    _writer = new Thread(Run) { IsBackground = true, Name = "trace" };
                    _writer.Start();
                }
            }

            _nfs.IsOn = value.HasFlag(TraceLayers.Nfs);
            _fuse.IsOn = value.HasFlag(TraceLayers.Fuse);
        }
    }

    /// <summary>Writes the taken messages, and ends.</summary>
    public void Dispose()
    {
        Layers = TraceLayers.None;
        lock (_gate)
        {
            if (_ended)
                return;
            _ended = true;
        }

        _filled.Set();
        // A file system that hangs must not delay the engine's end.
        if (_writer is { } writer && !writer.Join(_endLimit))
            return;
        _file.Dispose();
        _filled.Dispose();
    }

    private void Take(TraceLayers layer, in TappedMessage message)
    {
        long at = _time.GetTimestamp();
        lock (_gate)
        {
            if (_filling!.TryAdd(layer, at, message))
            {
                if (_filling.Count == 1)
                    _filled.Set();
                return;
            }
        }

        Interlocked.Increment(ref _dropped);
    }

    private void Run()
    {
        TraceLines lines = new();
        StringBuilder text = new();
        long toldDropped = 0;
        while (true)
        {
            _filled.Wait();
            TraceBuffer full;
            bool last;
            lock (_gate)
            {
                full = _filling!;
                (_filling, _spare) = (_spare, null);
                _filled.Reset();
                last = _ended;
            }

            // The time of day is computed from the monotonic clock, so that the lines of one batch are in order even if the clock is set.
            DateTimeOffset now = _time.GetUtcNow();
            long timestamp = _time.GetTimestamp();
            text.Clear();
            full.ForEach((TraceLayers layer, long at, in TappedMessage message) =>
                text.Append(lines.Line(layer, now - _time.GetElapsedTime(at, timestamp), _time.GetElapsedTime(_start, at), message))
                    .Append('\n'));
            int messages = full.Count;
            long dropped = Dropped;
            if (dropped != toldDropped)
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{now:yyyy-MM-ddTHH:mm:ss.ffffffZ} trace: {dropped - toldDropped} messages are missing: ")
                    .Append("they came faster than they could be written\n");
            toldDropped = dropped;
            Append(text, messages);
            full.Clear();
            lock (_gate)
                _spare = full;
            if (last)
                return;
        }
    }

    private void Append(StringBuilder text, int messages)
    {
        if (text.Length == 0)
            return;
        try
        {
            _file.Append(Encoding.UTF8.GetBytes(text.ToString()));
            _failed = false;
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            Interlocked.Add(ref _dropped, messages);
            if (!_failed)
                _log($"the trace {Path} can't be written: {e.Message}");
            _failed = true;
        }
    }

    private sealed class LayerTap(MessageTrace trace, TraceLayers layer) : IMessageTap
    {
        private volatile bool _isOn;

        public bool IsOn
        {
            get => _isOn;
            set => _isOn = value;
        }

        public void Take(in TappedMessage message) => trace.Take(layer, message);
    }
}
