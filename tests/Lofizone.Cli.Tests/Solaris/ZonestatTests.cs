using Lofizone.Accounting;
using Lofizone.Cli.Output;
using Lofizone.Cli.Solaris;
using Lofizone.Testing.Hosts;

namespace Lofizone.Cli.Tests.Solaris;

/// <summary>The output of zonestat. The whole text stands in zonestat.txt beside this file.</summary>
public sealed class ZonestatTests
{
    private const double Mib = 1 << 20;

    private static readonly DateTimeOffset _at = new(2026, 11, 27, 22, 0, 5, TimeSpan.Zero);

    private static readonly UsageInterval _interval = new()
    {
        At = _at,
        Seconds = 5,
        Cpus = 4,
        CpusOnline = 4,
        Capacity = new Dictionary<Resource, double>
        {
            [Resource.Cpu] = 4,
            [Resource.PhysicalMemory] = 2047 * Mib,
            [Resource.VirtualMemory] = 3071 * Mib,
            [Resource.Swap] = 1024 * Mib,
            [Resource.LockedMemory] = 2047 * Mib,
            [Resource.Processes] = 30_000,
            [Resource.Lwps] = 60_000,
            [Resource.NetworkReceived] = 5 * 125e6,
        },
        Total = Row("[total]", 1.35, 968, 1251, (80, 160), (340, 20)),
        System = new UsageRow("[system]", new Dictionary<Resource, Amount>
        {
            [Resource.Cpu] = new(0.01),
            [Resource.PhysicalMemory] = new(287 * Mib),
            [Resource.VirtualMemory] = new(287 * Mib),
        }),
        Global = Row("global", 0.3, 500, 500, (60, 140), null),
        Zones =
        [
            Row("db", 1.0, 107, 107, (5, 5), (0, 0), cap: 1, cpus: [3], weight: 300),
            Row("web", 0.04, 73.8, 357, (15, 15), (40, 300), cap: 0.5, cpus: [0, 1, 2, 3], weight: 100),
        ],
    };

    [Fact]
    public void Each_form_of_the_output_is_the_one_in_the_transcript()
    {
        StringWriter text = new() { NewLine = "\n" };
        ZonestatOptions all = new() { IntervalSeconds = 5, Resources = ZonestatResource.Of(["all"]) };
        UsageReport sums = new();
        sums.Add(_interval);
        sums.Add(_interval with { At = _at.AddSeconds(5) });
        Say("zonestat 5 1", new ZonestatText(all with { Resources = [ZonestatResource.Summary] }, text), w => w.Interval(_interval, 1, 5));
        Say("zonestat -r all -T u 5 1", new ZonestatText(all with { Timestamp = 'u' }, text), w => w.Interval(_interval, 1, 5));
        Say(
            "zonestat -z web -r psets,limits -R high -q 5 2",
            new ZonestatText(all with { Zones = ["web"], Resources = ZonestatResource.Of(["psets", "limits"]) }, text),
            w => w.Report(sums.Of(ReportKind.High)!, ReportKind.High, sums), begins: false);
        Say("zonestat -p -r all 5 1", new ZonestatLines(all, text), w => w.Interval(_interval, 1, 5));
        Say(
            "zonestat -p -P zones,header -T i -R average -q 5 2",
            new ZonestatLines(all with { Resources = [ZonestatResource.Summary], Lines = ["zones", "header"], Timestamp = 'i' }, text),
            w => w.Report(sums.Of(ReportKind.Average)!, ReportKind.Average, sums), begins: false);
        Say("zonestat --json 5 1", new ZonestatJson(all, text), w => w.Interval(_interval, 1, 5));
        string transcript = Path.Combine(HostCleanup.RepositoryRoot(), "tests/Lofizone.Cli.Tests/Solaris/zonestat.txt");
        Assert.Equal(File.ReadAllText(transcript), text.ToString());

        void Say(string command, IZonestatWriter writer, Action<IZonestatWriter> write, bool begins = true)
        {
            text.WriteLine("# " + command);
            if (begins)
                writer.Begin();
            write(writer);
        }
    }

    [Theory]
    [InlineData("name", "db global web")]
    [InlineData("used", "db global web")]
    [InlineData("cap", "db web global")]
    [InlineData("pcap", "db web global")]
    [InlineData("shr", "db web global")]
    [InlineData("pshru", "db web global")]
    [InlineData("physical-memory", "global db web")]
    [InlineData("virtual-memory", "global web db")]
    public void Zones_are_sorted_by_the_columns_of_S(string column, string order)
    {
        ZonestatOptions options = new() { IntervalSeconds = 1, Sort = [column] };
        ProcessorSet everything = new("all", "pool-pset", 4, _interval.Total, null, [.. _interval.Users]);
        Assert.Equal(order, string.Join(' ', options.Ordered(_interval.Users, options.SummarySort, everything).Select(r => r.Name)));
    }

    [Theory]
    [InlineData(9999, "9999", "9999")]
    [InlineData(10_000, "9.7K", "9K")]
    [InlineData(99_999, "97.6K", "97K")]
    [InlineData(100_000, "97K", "97K")]
    [InlineData(10_238_976, "9999K", "9999K")]
    [InlineData(10_240_000, "9.7M", "10000K")]
    [InlineData(25_276_063_744, "23.5G", "24683656K")]
    [InlineData(9.3e18, "8260P", "9082031250000000K")]
    public void Sizes_have_at_most_five_characters_for_people_and_KiB_for_programs(double bytes, string people, string programs) =>
        Assert.Equal((people, programs), (UsageNumbers.Size(bytes), UsageNumbers.Size(bytes, parsable: true)));

    [Theory]
    [InlineData(0.00999, "0.99%", "0.99%")]
    [InlineData(0.4731, "47.3%", "47.31%")]
    [InlineData(1, "100%", "100.00%")]
    [InlineData(12.345, "1234%", "1234.50%")]
    public void Parts_are_cut_and_not_rounded_up(double part, string people, string programs) =>
        Assert.Equal((people, programs), (UsageNumbers.Percent(part), UsageNumbers.Percent(part, parsable: true)));

    [Theory]
    [InlineData("5", 5L)]
    [InlineData("1m", 60L)]
    [InlineData("1h1m1s", 3661L)]
    [InlineData("default", 5L)]
    [InlineData("0", null)]
    [InlineData("1s1m", null)]
    [InlineData("-1", null)]
    [InlineData("", null)]
    [InlineData("999999999h", null)]
    [InlineData("99999999999999999999", null)]
    public void An_interval_is_a_number_of_seconds_or_a_time(string text, long? seconds) => Assert.Equal(seconds, ZonestatTimes.Interval(text));

    [Theory]
    [InlineData("10", 3L, 10L)]
    [InlineData("10s", 3L, 4L)]
    [InlineData("9s", 3L, 3L)]
    [InlineData("inf", 3L, long.MaxValue)]
    [InlineData("x", 3L, null)]
    public void A_duration_is_a_number_of_intervals_or_a_time_rounded_up_to_them(string text, long interval, long? count) =>
        Assert.Equal(count, ZonestatTimes.Intervals(text, interval));

    [Theory]
    [InlineData("-r", "disk", "is no resource; resources are summary")]
    [InlineData("-r", "shm-memory", "Linux does not count it for one zone")]
    [InlineData("-S", "colour", "is no column")]
    [InlineData("-R", "median", "is no report")]
    [InlineData("-T", "x", "is no form of a time")]
    [InlineData("-P", "zones", "-P belongs to -p")]
    [InlineData("-z", "web,,db", "is empty")]
    [InlineData("-z", "a/b", "a/b")]
    public void What_is_not_known_is_refused_with_what_is(string option, string value, string message)
    {
        (int exitCode, _, string error) = ConsoleRun.Run("zonestat", option, value, "1", "1");
        Assert.Equal(2, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-q leaves nothing to print", "-q", "1", "1")]
    [InlineData("REPORT belongs to -R", "1", "1", "1")]
    [InlineData("-p and --json", "-p", "--json", "1")]
    [InlineData("one of cpu", "-S", "cpu,virtual-memory", "1")]
    public void Options_that_have_no_effect_together_are_refused(string message, params string[] arguments)
    {
        (int exitCode, _, string error) = ConsoleRun.Run("zonestat", arguments);
        Assert.Equal(2, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private static UsageRow Row(
        string name, double cpu, double memory, double virtualMemory, (int, int) processes, (int, int?)? network, double? cap = null, int[]? cpus = null,
        long? weight = null)
    {
        Dictionary<Resource, Amount> amounts = new()
        {
            [Resource.Cpu] = new(cpu, cap),
            [Resource.PhysicalMemory] = new(memory * Mib, cap * 1024 * Mib),
            [Resource.VirtualMemory] = new(virtualMemory * Mib, cap * 2048 * Mib),
            [Resource.Processes] = new(processes.Item1),
            [Resource.Lwps] = new(processes.Item2, cap * 1000),
        };
        if (network is { } bytes)
            amounts[Resource.NetworkReceived] = new(bytes.Item1);
        if (network is { Item2: { } sent })
            (amounts[Resource.NetworkSent], amounts[Resource.ImageRead], amounts[Resource.ImageWritten]) = (new(sent), new(sent * 4096.0), new(sent * 512.0));
        return new UsageRow(name, amounts) { CpuWeight = weight, CpuSet = cpus is null ? null : new HashSet<int>(cpus) };
    }
}
