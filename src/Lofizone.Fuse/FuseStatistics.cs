using Lofizone.Interop;
using Lofizone.Observation;

namespace Lofizone.Fuse;

/// <summary>Counters of one served file. Any thread may read them at any time.</summary>
/// <param name="time">Clock of the latencies; null for the system's clock.</param>
public sealed class FuseStatistics(TimeProvider? time = null)
{
    /// <summary>A number above all numbers of enum fuse_opcode (linux/fuse.h; 52 is the highest in Linux 6.18).</summary>
    private const int OpcodeLimit = 64;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly OperationMeters _meters = new(
        OpcodeLimit, (int)FuseOpcode.Read, (int)FuseOpcode.Write, (int)FuseOpcode.Fsync, (int)FuseOpcode.Fallocate);
    private long _inFlight;

    /// <summary>Number of requests that are given to the store and not answered yet.</summary>
    public long InFlight => Interlocked.Read(ref _inFlight);

    /// <summary>Requests by their opcode, with latency from the request's arrival here to its reply.</summary>
    public IReadOnlyList<OperationFigures> ByOpcode() => _meters.Read(number => FuseMessageText.Name((FuseOpcode)number));

    /// <summary>Time stamp for <see cref="Record"/>.</summary>
    internal long Now => _time.GetTimestamp();

    /// <summary>Counts an answered request.</summary>
    internal void Record(FuseOpcode opcode, long startedAt, long bytes, bool failed) =>
        _meters[(int)opcode].Record(_time.GetElapsedTime(startedAt), bytes, failed);

    internal void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>Notes the end of a request. True when no other request is under way.</summary>
    internal bool End() => Interlocked.Decrement(ref _inFlight) == 0;
}
