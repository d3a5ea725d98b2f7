using Lofizone.Accounting;
using Lofizone.Cli.Output;
using Lofizone.Zones;

namespace Lofizone.Cli.Solaris;

/// <summary>One run of zonestat: an interval after the other, and the reports.</summary>
internal sealed class ZonestatRun(ZoneHost host, ZonestatOptions options, IZonestatWriter writer, bool quiet)
{
    private readonly UsageSampler _sampler = new(host);
    private UsageReport _sums = new();

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        BrokenZones broken = new("zonestat");
        // Names are checked before any output. The zones that are up may change while the command runs.
        foreach (string zone in options.Zones.Where(z => z != Config.ZoneName.Global))
            host.Require(zone);
        UsageSample before = _sampler.Sample(broken.Sound(host));
        if (!quiet)
            writer.Begin();
        try
        {
            long start = host.Time.GetTimestamp();
            for (long number = 1; number <= options.Intervals; number++)
            {
                // Each interval ends at its own time, so that the time that the figures take does not add up.
                TimeSpan left = TimeSpan.FromSeconds(number * options.IntervalSeconds) - host.Time.GetElapsedTime(start);
                if (left > TimeSpan.Zero)
                    await Task.Delay(left, host.Time, cancellation);
                UsageSample now = _sampler.Sample(new BrokenZones("zonestat").Sound(host));
                UsageInterval interval = UsageInterval.Between(before, now);
                before = now;
                if (!quiet)
                    writer.Interval(interval, number, host.Time.GetElapsedTime(start).TotalSeconds);
                _sums.Add(interval);
                if (number % (options.ReportEvery ?? long.MaxValue) == 0)
                    Report();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The user has ended the run, which is the normal end of a run without a duration. What was counted is reported.
        }

        Report();
        return broken.Report();
    }

    private void Report()
    {
        foreach (ReportKind kind in options.Reports)
        {
            if (_sums.Of(kind) is { } report)
                writer.Report(report, kind, _sums);
        }

        _sums = new UsageReport();
    }
}
