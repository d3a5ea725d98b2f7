namespace Lofizone.Observation;

/// <summary>Counts one kind of operation at one place: how many, how many failed, how much, how long. No lock, no allocation.</summary>
public sealed class OperationMeter
{
    private readonly LatencyHistogram _latency = new();
    private long _count;
    private long _failures;
    private long _bytes;

    public long Count => Volatile.Read(ref _count);

    public long Failures => Volatile.Read(ref _failures);

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Counts an operation that has ended; from any thread.</summary>
    /// <param name="duration">From its begin to its end.</param>
    /// <param name="bytes">Data it moved, 0 for one without data.</param>
    /// <param name="failed">It ended with an error.</param>
    public void Record(TimeSpan duration, long bytes, bool failed)
    {
        Interlocked.Increment(ref _count);
        if (failed)
            Interlocked.Increment(ref _failures);
        if (bytes > 0)
            Interlocked.Add(ref _bytes, bytes);
        _latency.Record(duration);
    }

    public OperationFigures Read(string name) =>
        new() { Name = name, Count = Count, Failures = Failures, Bytes = Bytes, Latency = _latency.Read() };
}

/// <summary>An <see cref="OperationMeter"/> at one moment.</summary>
public sealed record OperationFigures
{
    /// <summary>Name of the operation as its protocol has it, for example READ.</summary>
    public string Name { get => field ?? ""; init; }

    public long Count { get; init; }

    public long Failures { get; init; }

    /// <summary>Bytes of data.</summary>
    public long Bytes { get; init; }

    public LatencyFigures Latency { get => field ?? LatencyFigures.None; init; }

    /// <summary>What was counted since an earlier reading.</summary>
    public OperationFigures Since(OperationFigures? earlier) => earlier is null ? this : this with
    {
        Count = Math.Max(0, Count - earlier.Count),
        Failures = Math.Max(0, Failures - earlier.Failures),
        Bytes = Math.Max(0, Bytes - earlier.Bytes),
        Latency = Latency.Since(earlier.Latency),
    };
}
