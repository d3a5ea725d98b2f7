using System.Text.Json.Serialization;

namespace Lofizone.Observation;

/// <summary>The content of a <see cref="LatencyHistogram"/> at one moment, small enough to be sent.</summary>
public sealed record LatencyFigures
{
    public static LatencyFigures None { get; } = new();

    /// <summary>Sum of all durations, nanoseconds.</summary>
    public long SumNanoseconds { get; init; }

    /// <summary>The longest duration, nanoseconds. In a difference the value is at most the upper bound of the highest bucket.</summary>
    public long MaxNanoseconds { get; init; }

    /// <summary>The buckets that are not empty, ascending: index, count, index, count, …</summary>
    public IReadOnlyList<long> Buckets { get => field ?? []; init; }

    /// <summary>Number of durations counted.</summary>
    [JsonIgnore]
    public long Count => Pairs().Sum(p => p.Count);

    /// <summary>Mean in nanoseconds; 0 without any duration.</summary>
    [JsonIgnore]
    public double MeanNanoseconds => Count is > 0 and long count ? (double)SumNanoseconds / count : 0;

    /// <summary>
    /// The duration in nanoseconds that the given share of all durations does not exceed, at most 1/16 too large; 0 without any duration.
    /// </summary>
    /// <param name="share">The share, from 0 to 1, for example 0.99.</param>
    public long Quantile(double share)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(Math.Clamp(share, 0, 1) * Count));
        long passed = 0;
        foreach ((int bucket, long count) in Pairs())
        {
            passed += count;
            if (passed >= wanted)
                return Math.Min(LatencyHistogram.UpperBound(bucket), MaxNanoseconds);
        }

        return 0;
    }

    /// <summary>Number of durations up to the given time, counted by whole buckets that end at or below that time.</summary>
    public long CountUpTo(long nanoseconds) =>
        Pairs().TakeWhile(p => LatencyHistogram.UpperBound(p.Bucket) <= nanoseconds).Sum(p => p.Count);

    /// <summary>The difference to an earlier reading of the same histogram.</summary>
    public LatencyFigures Since(LatencyFigures earlier)
    {
        Dictionary<int, long> before = earlier.Pairs().ToDictionary(p => p.Bucket, p => p.Count);
        List<long> buckets = [];
        long max = 0;
        foreach ((int bucket, long count) in Pairs())
        {
            if (count - before.GetValueOrDefault(bucket) is > 0 and long more)
            {
                buckets.AddRange(bucket, more);
                max = LatencyHistogram.UpperBound(bucket);
            }
        }

        return new LatencyFigures
        {
            SumNanoseconds = Math.Max(0, SumNanoseconds - earlier.SumNanoseconds),
            MaxNanoseconds = Math.Min(max, MaxNanoseconds),
            Buckets = buckets,
        };
    }

    /// <summary>Pairs of bucket and count. Figures may come from another process; numbers that are no valid bucket are left out.</summary>
    private IEnumerable<(int Bucket, long Count)> Pairs()
    {
        for (int i = 0; i + 1 < Buckets.Count; i += 2)
        {
            if (Buckets[i] is >= 0 and < LatencyHistogram.BucketCount && Buckets[i + 1] > 0)
                yield return ((int)Buckets[i], Buckets[i + 1]);
        }
    }
}
