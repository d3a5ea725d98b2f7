using System.Numerics;

namespace Lofizone.Observation;

/// <summary>
/// Counts durations in log-linear buckets: 16 of equal width for each power of two, so that a quantile is at most 1/16 too large at any
/// magnitude. Recording takes no lock and allocates nothing. The class stands in this room because Nfs and Fuse both measure, and know
/// nothing of each other.
/// </summary>
public sealed class LatencyHistogram
{
    /// <summary>Width of the narrowest buckets, nanoseconds.</summary>
    public const long UnitNanoseconds = 1 << UnitBits;

    /// <summary>Number of buckets. The last bucket takes all durations from about 73 minutes up.</summary>
    public const int BucketCount = ((HighestPower - SubBits + 1) << SubBits) + SubCount;

    private const int UnitBits = 6;
    private const int SubBits = 4;
    private const int SubCount = 1 << SubBits;
    private const int HighestPower = 35;

    private readonly long[] _counts = new long[BucketCount];
    private long _sum;
    private long _max;

    /// <summary>The bucket of a duration in nanoseconds. A negative duration counts as 0.</summary>
    public static int BucketOf(long nanoseconds)
    {
        ulong units = (ulong)Math.Max(0, nanoseconds) >> UnitBits;
        if (units < SubCount)
            return (int)units;
        int power = BitOperations.Log2(units);
        return power > HighestPower ? BucketCount - 1 : ((power - SubBits + 1) << SubBits) + (int)(units >> (power - SubBits)) - SubCount;
    }

    /// <summary>The smallest duration above a bucket, nanoseconds.</summary>
    public static long UpperBound(int bucket)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bucket);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bucket, BucketCount);
        if (bucket < SubCount)
            return (bucket + 1) * UnitNanoseconds;
        int shift = (bucket >> SubBits) - 1;
        return (SubCount + (bucket & (SubCount - 1)) + 1L) << (shift + UnitBits);
    }

    /// <summary>Counts one duration. Any thread may call this.</summary>
    public void Record(TimeSpan duration)
    {
        long nanoseconds = Math.Max(0, duration.Ticks) * TimeSpan.NanosecondsPerTick;
        Interlocked.Increment(ref _counts[BucketOf(nanoseconds)]);
        Interlocked.Add(ref _sum, nanoseconds);
        long seen = Volatile.Read(ref _max);
        while (nanoseconds > seen)
        {
            long before = Interlocked.CompareExchange(ref _max, nanoseconds, seen);
            if (before == seen)
                break;
            seen = before;
        }
    }

    /// <summary>The present content. Other threads may record during the reading, so the parts may differ by a few recordings.</summary>
    public LatencyFigures Read()
    {
        List<long> buckets = [];
        for (int i = 0; i < BucketCount; i++)
        {
            if (Volatile.Read(ref _counts[i]) is > 0 and long count)
                buckets.AddRange(i, count);
        }

        return new LatencyFigures { SumNanoseconds = Volatile.Read(ref _sum), MaxNanoseconds = Volatile.Read(ref _max), Buckets = buckets };
    }
}
