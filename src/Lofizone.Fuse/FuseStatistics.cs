using Lofizone.Interop;
using Lofizone.Observation;

namespace Lofizone.Fuse;

/// <summary>Counters of one served file; read at any time from any thread.</summary>
/// <param name="time">The clock of latencies; the system's when null.</param>
public sealed class FuseStatistics(TimeProvider? time = null)
{
    /// <summary>Above every number of enum fuse_opcode (linux/fuse.h; 52 is the highest in Linux 6.18).</summary>
    private const int OpcodeLimit = 64;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly OperationMeters _meters = new(
        OpcodeLimit, (int)FuseOpcode.Read, (int)FuseOpcode.Write, (int)FuseOpcode.Fsync, (int)FuseOpcode.Fallocate);
    private long _inFlight;

    /// <summary>Requests given to the store and not yet answered.</summary>
    public long InFlight => Interlocked.Read(ref _inFlight);

    /// <summary>Requests by their opcode, with latency from the request's arrival here to its reply.</summary>
    public IReadOnlyList<OperationFigures> ByOpcode() => _meters.Read(number => FuseMessageText.Name((FuseOpcode)number));

    /// <summary>Time stamp for <see cref="Record"/>.</summary>
    internal long Now => _time.GetTimestamp();

    /// <summary>A request is answered.</summary>
    internal void Record(FuseOpcode opcode, long startedAt, long bytes, bool failed) =>
        _meters[(int)opcode].Record(_time.GetElapsedTime(startedAt), bytes, failed);

    internal void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>True when this was the last one under way.</summary>
    internal bool End() => Interlocked.Decrement(ref _inFlight) == 0;
}
