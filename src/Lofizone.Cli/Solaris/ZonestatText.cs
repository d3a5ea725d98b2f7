using Lofizone.Accounting;
using Lofizone.Cli.Output;

namespace Lofizone.Cli.Solaris;

/// <summary>Intervals and reports of zonestat for people, in the columns of zonestat(1) of Solaris 11.</summary>
internal sealed class ZonestatText(ZonestatOptions options, TextWriter output) : IZonestatWriter
{
    private const int SummaryName = 19, BlockName = 28, BlockZone = 36, PsetName = 22;

    public void Begin() => output.WriteLine("Collecting data for first interval...");

    public void Interval(UsageInterval interval, long number, double seconds)
    {
        string time = options.Timestamp is { } form ? ZonestatOptions.Time(interval.At, form) + ", " : "";
        output.WriteLine($"{time}Interval: {number}, Duration: {UsageNumbers.Duration(seconds)}");
        Write(interval);
    }

    public void Report(UsageInterval report, ReportKind kind, UsageReport sums)
    {
        char form = options.Timestamp ?? 'd';
        output.WriteLine($"Report: {kind} Usage");
        output.WriteLine($"    Start: {ZonestatOptions.Time(sums.Start, form)}");
        output.WriteLine($"      End: {ZonestatOptions.Time(report.At, form)}");
        output.WriteLine($"    Intervals: {sums.Intervals}, Duration: {UsageNumbers.Duration(sums.Seconds)}");
        Write(report);
    }

    private void Write(UsageInterval interval)
    {
        foreach (ZonestatResource resource in options.Resources)
        {
            if (resource == ZonestatResource.Summary)
                Summary(interval);
            else if (resource == ZonestatResource.Psets || resource == ZonestatResource.DefaultPset)
                Psets(interval, resource);
            else if (options.ShowsSet(resource.Set))
                Block(interval, resource);
        }
    }

    private void Summary(UsageInterval interval)
    {
        output.WriteLine(
            $"{"SUMMARY",-25} Cpus/Online: {interval.Cpus}/{interval.CpusOnline}   "
            + $"PhysMem: {Capacity(interval, Resource.PhysicalMemory),5}  VirtMem: {Capacity(interval, Resource.VirtualMemory),5}");
        output.WriteLine($"{"",SummaryName} ---CPU----  --PhysMem-- --VirtMem-- --PhysNet--");
        Line(SummaryName, "ZONE", "USED", "%PART", "USED", "%USED", "USED", "%USED", "PBYTE", "%PUSE");
        foreach (UsageRow row in Rows(interval, options.SummarySort))
        {
            Line(
                SummaryName, row.Name, UsageNumbers.Cpus(row[Resource.Cpu]?.Used), Part(interval, row, Resource.Cpu),
                UsageNumbers.Size(row[Resource.PhysicalMemory]?.Used), Part(interval, row, Resource.PhysicalMemory),
                UsageNumbers.Size(row[Resource.VirtualMemory]?.Used), Part(interval, row, Resource.VirtualMemory),
                UsageNumbers.Size(row.Sum(Resource.NetworkReceived, Resource.NetworkSent)),
                UsageNumbers.Percent(
                    row.Sum(Resource.NetworkReceived, Resource.NetworkSent) / NetworkCapacity(interval)));
        }

        output.WriteLine();
    }

    private void Psets(UsageInterval interval, ZonestatResource resource)
    {
        foreach (ProcessorSet set in options.PsetsOf(interval, resource))
        {
            output.WriteLine($"{"PROCESSOR_SET",-PsetName} {"TYPE",13}  {"ONLINE/CPUS",11} {"MIN/MAX",11}");
            output.WriteLine(
                $"{set.Name,-PsetName} {set.Type,13}  {$"{set.Cpus}/{set.Cpus}",11} {$"{(set.System is null ? set.Cpus : 1)}/"
                + $"{(set.System is null ? set.Cpus : UsageNumbers.None)}",11}");
            PsetLine("ZONE", "USED", "PCT", "CAP", "%CAP", "SHRS", "%SHR", "%SHRU");
            foreach (UsageRow? row in (UsageRow?[])[set.Total, set.System, .. options.Ordered(set.Users, Resource.Cpu, set)])
            {
                if (row is null)
                    continue;
                PsetLine(
                    row.Name, UsageNumbers.Cpus(row[Resource.Cpu]?.Used), UsageNumbers.Percent(set.Part(row)),
                    UsageNumbers.Cpus(row[Resource.Cpu]?.Cap), UsageNumbers.Percent(row[Resource.Cpu]?.OfCap),
                    UsageNumbers.Number(row.CpuWeight), UsageNumbers.Percent(set.Share(row)),
                    UsageNumbers.Percent(set.OfShare(row)));
            }

            output.WriteLine();
        }
    }

    private void Block(UsageInterval interval, ZonestatResource resource)
    {
        Resource kind = resource.Kind![0];
        output.WriteLine($"{resource.Heading,-BlockName} {resource.SizeHeading,13}".TrimEnd());
        output.WriteLine($"{resource.Set,-BlockName} {Size(interval, resource),13}".TrimEnd());
        bool twoWays = resource.Kind.Count > 1;
        if (resource == ZonestatResource.Network)
            Line(BlockZone, "ZONE", "TOBYTE", "%USED", "RBYTE", "OBYTE");
        else if (twoWays)
            Line(BlockZone, "ZONE", "TOBYTE", "READ", "WRITTEN");
        else
            Line(BlockZone, "ZONE", "USED", "%USED", "CAP", "%CAP");
        foreach (UsageRow row in Rows(interval, kind))
        {
            if (twoWays)
            {
                string sum = resource.Text(row.Sum(kind, resource.Kind[1]), false);
                string one = resource.Text(row[kind]?.Used, false);
                string other = resource.Text(row[resource.Kind[1]]?.Used, false);
                if (resource == ZonestatResource.Network)
                    Line(
                        BlockZone, row.Name, sum, UsageNumbers.Percent(row.Sum(kind, resource.Kind[1]) / NetworkCapacity(interval)), one,
                        other);
                else
                    Line(BlockZone, row.Name, sum, one, other);
            }
            else
            {
                Line(
                    BlockZone, row.Name, resource.Text(row[kind]?.Used, false), Part(interval, row, kind),
                    resource.Text(row[kind]?.Cap, false), UsageNumbers.Percent(row[kind]?.OfCap));
            }
        }

        output.WriteLine();
    }

    private IEnumerable<UsageRow> Rows(UsageInterval interval, Resource resource) =>
        [interval.Total, interval.System, .. options.Ordered(interval.Users, resource)];

    private static double? NetworkCapacity(UsageInterval interval) =>
        interval.Capacity.TryGetValue(Resource.NetworkReceived, out double capacity) ? capacity : null;

    private static string Capacity(UsageInterval interval, Resource resource) =>
        UsageNumbers.Size(interval.Capacity.TryGetValue(resource, out double all) ? all : null);

    private static string Size(UsageInterval interval, ZonestatResource resource) =>
        resource == ZonestatResource.Network
            ? NetworkCapacity(interval) is { } bytes ? UsageNumbers.Size(bytes / interval.Seconds) + "/s" : UsageNumbers.None
            : interval.Capacity.TryGetValue(resource.Kind![0], out double all) ? resource.Text(all, false) : "";

    private static string Part(UsageInterval interval, UsageRow row, Resource resource) =>
        UsageNumbers.Percent(interval.OfSystem(row, resource));

    private void Line(int width, string name, params string[] cells) =>
        output.WriteLine($"{name.PadLeft(width)} {string.Join(' ', cells.Select(c => c.PadLeft(5)))}");

    private void PsetLine(string name, params string[] cells) =>
        output.WriteLine(
            $"{name.PadLeft(BlockZone)} {string.Join(' ', cells.Select((c, i) => c.PadLeft(i == 4 ? 6 : 5)))}");
}
