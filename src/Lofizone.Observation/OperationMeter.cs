namespace Lofizone.Observation;

/// <summary>
/// Counts one kind of operation at one place: number, failures, amount of data, duration. Takes no lock and allocates nothing.
/// </summary>
public sealed class OperationMeter
{
    private readonly LatencyHistogram _latency = new();
    private long _count;
    private long _failures;
    private long _bytes;

    public long Count => Volatile.Read(ref _count);

    public long Failures => Volatile.Read(ref _failures);

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Counts an operation that has ended. Any thread may call this.</summary>
    /// <param name="duration">Time from the operation's begin to its end.</param>
    /// <param name="bytes">Amount of data that the operation moved, bytes; 0 for an operation without data.</param>
    /// <param name="failed">True when the operation ended with an error.</param>
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

/// <summary>The content of an <see cref="OperationMeter"/> at one moment.</summary>
public sealed record OperationFigures
{
    /// <summary>Name of the operation in its protocol, for example READ.</summary>
    public string Name { get => field ?? ""; init; }

    public long Count { get; init; }

    public long Failures { get; init; }

    /// <summary>Amount of data, bytes.</summary>
    public long Bytes { get; init; }

    public LatencyFigures Latency { get => field ?? LatencyFigures.None; init; }

    /// <summary>The difference to an earlier reading of the same meter.</summary>
    public OperationFigures Since(OperationFigures? earlier) => earlier is null ? this : this with
    {
        Count = Math.Max(0, Count - earlier.Count),
        Failures = Math.Max(0, Failures - earlier.Failures),
        Bytes = Math.Max(0, Bytes - earlier.Bytes),
        Latency = Latency.Since(earlier.Latency),
    };
}
