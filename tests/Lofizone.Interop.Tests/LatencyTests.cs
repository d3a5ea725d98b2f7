using CsCheck;
using Lofizone.Observation;

namespace Lofizone.Interop.Tests;

public sealed class LatencyTests
{
    [Fact]
    public void Every_duration_lies_in_its_bucket_which_is_at_most_a_sixteenth_wide() =>
        Gen.Long[0, 1L << 41].Sample(nanoseconds =>
        {
            int bucket = LatencyHistogram.BucketOf(nanoseconds);
            long above = LatencyHistogram.UpperBound(bucket);
            long below = bucket == 0 ? 0 : LatencyHistogram.UpperBound(bucket - 1);
            Assert.InRange(nanoseconds, below, above - 1);
            Assert.True(above - below <= Math.Max(LatencyHistogram.UnitNanoseconds, below / 16), $"{nanoseconds}: {below} to {above}");
        });

    [Fact]
    public void Buckets_ascend_without_gaps()
    {
        for (int bucket = 1; bucket < LatencyHistogram.BucketCount; bucket++)
        {
            Assert.True(LatencyHistogram.UpperBound(bucket) > LatencyHistogram.UpperBound(bucket - 1));
            Assert.Equal(bucket, LatencyHistogram.BucketOf(LatencyHistogram.UpperBound(bucket - 1)));
        }
    }

    [Fact]
    public void What_is_out_of_range_lands_in_the_first_or_the_last_bucket()
    {
        Assert.Equal(0, LatencyHistogram.BucketOf(-1));
        Assert.Equal(LatencyHistogram.BucketCount - 1, LatencyHistogram.BucketOf(long.MaxValue));
    }

    [Fact]
    public void Quantiles_are_those_of_the_sorted_durations_within_a_sixteenth() =>
        Gen.Select(Gen.Int[0, 1_000_000].Array[1, 200], Gen.Double[0, 1]).Sample((microseconds, share) =>
        {
            LatencyHistogram histogram = new();
            foreach (int time in microseconds)
                histogram.Record(TimeSpan.FromMicroseconds(time));
            LatencyFigures figures = histogram.Read();
            long[] sorted = [.. microseconds.Order().Select(t => t * 1000L)];
            long exact = sorted[Math.Max(1, (int)Math.Ceiling(share * sorted.Length)) - 1];
            Assert.InRange(figures.Quantile(share), exact, exact + (exact / 16) + LatencyHistogram.UnitNanoseconds);
            Assert.Equal(sorted[^1], figures.MaxNanoseconds);
            Assert.Equal(sorted.Length, figures.Count);
            Assert.Equal(sorted.Average(), figures.MeanNanoseconds, 0.01);
        });

    [Fact]
    public void A_difference_counts_what_came_between_two_readings() =>
        Gen.Select(Gen.Int[0, 100_000].Array[0, 50], Gen.Int[0, 100_000].Array[0, 50]).Sample((before, after) =>
        {
            OperationMeter meter = new();
            OperationMeter only = new();
            Array.ForEach(before, t => meter.Record(TimeSpan.FromMicroseconds(t), 1, failed: false));
            OperationFigures earlier = meter.Read("READ");
            foreach (int time in after)
            {
                meter.Record(TimeSpan.FromMicroseconds(time), time, failed: true);
                only.Record(TimeSpan.FromMicroseconds(time), time, failed: true);
            }

            OperationFigures difference = meter.Read("READ").Since(earlier);
            OperationFigures expected = only.Read("READ");
            Assert.Equal((expected.Count, expected.Failures, expected.Bytes), (difference.Count, difference.Failures, difference.Bytes));
            Assert.Equal(expected.Latency.Buckets, difference.Latency.Buckets);
            Assert.Equal(expected.Latency.SumNanoseconds, difference.Latency.SumNanoseconds);
            Assert.True(difference.Latency.MaxNanoseconds >= expected.Latency.MaxNanoseconds || after.Length == 0);
        });

    [Fact]
    public void Buckets_of_another_version_are_left_out()
    {
        LatencyFigures figures = new() { SumNanoseconds = 10, MaxNanoseconds = 10, Buckets = [-1, 5, 3, 2, 100_000, 7, 4, -1, 9] };
        Assert.Equal(2, figures.Count);
        Assert.InRange(figures.Quantile(0.99), 1, 10);
    }

    [Fact]
    public void Recording_from_many_threads_loses_nothing_and_allocates_nothing()
    {
        OperationMeters meters = new(8, 1, 2);
        Parallel.For(0, 8, _ =>
        {
            meters[1].Record(TimeSpan.FromMicroseconds(1), 1, failed: false);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10_000; i++)
                meters[1 + (i & 1)].Record(TimeSpan.FromMicroseconds(i), 4096, failed: false);
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        });
        IReadOnlyList<OperationFigures> all = meters.Read(n => $"{n}");
        Assert.Equal(["1", "2"], all.Select(m => m.Name));
        Assert.Equal(80_008, all.Sum(m => m.Count));
        Assert.Equal(80_008, all.Sum(m => m.Latency.Count));
    }

    [Fact]
    public void A_number_that_no_meter_is_for_is_counted_as_number_0()
    {
        OperationMeters meters = new(4);
        meters[99].Record(TimeSpan.Zero, 0, failed: false);
        meters[-1].Record(TimeSpan.Zero, 0, failed: false);
        Assert.Equal(2, Assert.Single(meters.Read(n => $"{n}")).Count);
    }
}
