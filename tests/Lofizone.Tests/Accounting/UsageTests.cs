using Lofizone.Accounting;
using Lofizone.Devices;

namespace Lofizone.Tests.Accounting;

/// <summary>The use of zones between samples, and its sums.</summary>
public sealed class UsageTests
{
    private const long Mib = 1 << 20;

    private static readonly DateTimeOffset _start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void An_interval_divides_the_machine_among_system_global_zone_and_zones()
    {
        UsageInterval interval = UsageInterval.Between(
            Sample(0, 10, Zone("web", 1, cpuSeconds: 4, received: 100)), Sample(2, 13, Zone("web", 1, cpuSeconds: 6, received: 350)));
        UsageRow web = Assert.Single(interval.Zones);
        Assert.Equal(new Amount(1, 0.5), web[Resource.Cpu]);
        Assert.Equal(2, web[Resource.Cpu]!.Value.OfCap);
        Assert.Equal(0.25, interval.OfSystem(web, Resource.Cpu));
        Assert.Equal(new Amount(100 * Mib, 200 * Mib), web[Resource.PhysicalMemory]);
        Assert.Equal((250.0, 3.0), (web[Resource.NetworkReceived]!.Value.Used, web[Resource.Processes]!.Value.Used));
        Assert.Equal((1.5, 0.25), (interval.Total[Resource.Cpu]!.Value.Used, Math.Round(interval.Global[Resource.Cpu]!.Value.Used, 6)));
        Assert.Equal(0.25, interval.System[Resource.Cpu]!.Value.Used, 0.001);
        Assert.Equal(500.0 * Mib, interval.Total[Resource.PhysicalMemory]!.Value.Used);
        Assert.Equal((40.0 * Mib, 360.0 * Mib), (interval.System[Resource.PhysicalMemory]!.Value.Used, interval.Global[Resource.PhysicalMemory]!.Value.Used));
    }

    [Fact]
    public void A_zone_that_was_booted_again_counts_from_that_boot()
    {
        UsageInterval interval = UsageInterval.Between(
            Sample(0, 10, Zone("web", 1, cpuSeconds: 4000, received: 9000)), Sample(2, 13, Zone("web", 2, cpuSeconds: 1, received: 30)));
        Assert.Equal((0.5, 30.0), (interval.Zones[0][Resource.Cpu]!.Value.Used, interval.Zones[0][Resource.NetworkReceived]!.Value.Used));
    }

    [Fact]
    public void A_zone_whose_figures_can_not_be_read_takes_nothing_from_the_others()
    {
        ZoneCounters broken = new("broken", 9, new CgroupFigures(), null, null);
        UsageInterval interval = UsageInterval.Between(Sample(0, 10, broken), Sample(2, 13, broken, Zone("web", 1, cpuSeconds: 1, received: 1)));
        Assert.Empty(interval.Zones[0].Amounts);
        Assert.Equal(0.5, interval.Zones[1][Resource.Cpu]!.Value.Used);
    }

    [Fact]
    public void What_the_parts_use_more_than_the_whole_leaves_nothing_below_zero()
    {
        UsageInterval interval = UsageInterval.Between(Sample(0, 10, Zone("web", 1, cpuSeconds: 0, received: 1)), Sample(1, 10, Zone("web", 1, cpuSeconds: 5, received: 0)));
        Assert.Equal(0, interval.Global[Resource.Cpu]!.Value.Used);
        Assert.Equal(0, interval.Zones[0][Resource.NetworkReceived]!.Value.Used);
    }

    [Fact]
    public void A_total_counts_the_time_that_a_zone_was_down_and_an_average_does_not()
    {
        UsageReport report = new();
        UsageSample first = Sample(0, 10), second = Sample(2, 10), third = Sample(4, 12, Zone("web", 1, cpuSeconds: 2, received: 50));
        UsageSample fourth = Sample(6, 14, Zone("web", 1, cpuSeconds: 6, received: 70));
        Assert.Null(report.Of(ReportKind.Total));
        report.Add(UsageInterval.Between(first, second));
        report.Add(UsageInterval.Between(second, third));
        report.Add(UsageInterval.Between(third, fourth));
        Assert.Equal((_start, 3, 6.0), (report.Start, report.Intervals, report.Seconds));
        UsageRow total = Assert.Single(report.Of(ReportKind.Total)!.Zones), average = report.Of(ReportKind.Average)!.Zones[0], high = report.Of(ReportKind.High)!.Zones[0];
        Assert.Equal((1.0, 1.5, 2.0), (total[Resource.Cpu]!.Value.Used, average[Resource.Cpu]!.Value.Used, high[Resource.Cpu]!.Value.Used));
        Assert.Equal((70.0, 35.0, 50.0), (total[Resource.NetworkReceived]!.Value.Used, average[Resource.NetworkReceived]!.Value.Used, high[Resource.NetworkReceived]!.Value.Used));
        Assert.Equal(0.5, total[Resource.Cpu]!.Value.Cap);
        Assert.Equal((60.0, 20.0), (report.Of(ReportKind.Total)!.Capacity[Resource.NetworkSent], report.Of(ReportKind.Average)!.Capacity[Resource.NetworkSent]));
    }

    [Fact]
    public void CPUs_of_one_zone_leave_the_default_set_and_shares_divide_a_set_among_its_zones()
    {
        UsageInterval interval = UsageInterval.Between(
            Sample(0, 0),
            Sample(
                1, 3, Zone("a", 1, cpuSeconds: 1, received: 0), Zone("b", 2, cpuSeconds: 0.3, received: 0, weight: 300),
                Zone("own", 3, cpuSeconds: 1, received: 0, cpus: [3])));
        IReadOnlyList<ProcessorSet> sets = ProcessorSet.Of(interval);
        Assert.Equal([("pset_default", "default-pset", 3), ("own", "dedicated-cpu", 1)], sets.Select(s => (s.Name, s.Type, s.Cpus)));
        Assert.Equal(["global", "a", "b"], sets[0].Users.Select(u => u.Name));
        Assert.Equal(2, sets[0].Total[Resource.Cpu]!.Value.Used, 0.001);
        UsageRow a = interval.Zones[0];
        Assert.Equal((0.25, 1.0 / 3), (sets[0].Share(a), sets[0].Part(a)));
        Assert.Equal(4.0 / 3, sets[0].OfShare(a)!.Value, 0.001);
        Assert.Null(sets[0].Share(interval.Global));
        Assert.Equal((1.0, 1.0), (sets[1].Part(interval.Zones[2]), sets[1].Share(interval.Zones[2])));
    }

    internal static UsageSample Sample(double seconds, double busy, params ZoneCounters[] zones) => new(
        _start.AddSeconds(seconds),
        new HostCounters
        {
            Cpus = 4,
            CpusOnline = 4,
            BusySeconds = busy,
            InterruptSeconds = busy / 6,
            MemoryBytes = 1000 * Mib,
            UsedBytes = 500 * Mib,
            KernelBytes = 50 * Mib,
            SwapBytes = 0,
            UsedSwapBytes = 0,
            LockedBytes = Mib,
            Processes = 80,
            Threads = 160,
            ProcessLimit = 1000,
            ThreadLimit = 2000,
            Network = new InterfaceCounters(0, 0),
            NetworkBytesPerSecond = 10,
        },
        zones);

    private static ZoneCounters Zone(string name, int id, double cpuSeconds, long received, long weight = 100, int[]? cpus = null) => new(
        name, id,
        new CgroupFigures
        {
            CpuNanoseconds = (long)(cpuSeconds * 1e9),
            CpuCap = 0.5,
            CpuWeight = weight,
            Cpus = new HashSet<int>(cpus ?? [0, 1, 2, 3]),
            MemoryBytes = 100 * Mib,
            MemoryCap = 200 * Mib,
            KernelBytes = 10 * Mib,
            Processes = 3,
            Threads = 4,
        },
        new InterfaceCounters(received, 0),
        new LoopFigures { Read = new LoopOperation(1, 4096, 1) });
}
