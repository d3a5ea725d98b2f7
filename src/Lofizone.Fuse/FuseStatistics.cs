namespace Lofizone.Fuse;

/// <summary>Counters of one served file; read at any time from any thread.</summary>
public sealed class FuseStatistics
{
    private long _reads;
    private long _writes;
    private long _flushes;
    private long _punches;
    private long _bytesRead;
    private long _bytesWritten;
    private long _failures;
    private long _inFlight;

    public long Reads => Interlocked.Read(ref _reads);

    public long Writes => Interlocked.Read(ref _writes);

    public long Flushes => Interlocked.Read(ref _flushes);

    public long Punches => Interlocked.Read(ref _punches);

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>Requests answered with an error that the file's store caused.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Requests given to the store and not yet answered.</summary>
    public long InFlight => Interlocked.Read(ref _inFlight);

    internal void Read(int bytes)
    {
        Interlocked.Increment(ref _reads);
        Interlocked.Add(ref _bytesRead, bytes);
    }

    internal void Written(int bytes)
    {
        Interlocked.Increment(ref _writes);
        Interlocked.Add(ref _bytesWritten, bytes);
    }

    internal void Flushed() => Interlocked.Increment(ref _flushes);

    internal void Punched() => Interlocked.Increment(ref _punches);

    internal void Failed() => Interlocked.Increment(ref _failures);

    internal void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>True when this was the last one under way.</summary>
    internal bool End() => Interlocked.Decrement(ref _inFlight) == 0;
}
