using System.Globalization;
using Lofizone.Accounting;
using Lofizone.Cli.Output;

namespace Lofizone.Cli.Solaris;

/// <summary>
/// Intervals and reports of zonestat for programs: lines <c>REPORT:RESOURCE:FIELD…</c>, as in zonestat(1). Between a line <c>header</c> and
/// a line <c>footer</c> stand the lines of one report.
/// </summary>
internal sealed class ZonestatLines(ZonestatOptions options, TextWriter output) : IZonestatWriter
{
    public void Begin()
    {
        // Programs want lines of data only.
    }

    public void Interval(UsageInterval interval, long number, double seconds)
    {
        const string Label = "interval";
        Ends(interval, Label, "header", "since-last-interval", Time(interval.At), Number(number), Number((long)Math.Round(seconds)));
        Write(interval, Label);
        Ends(interval, Label, "footer", Time(interval.At), Number(options.IntervalSeconds), Number((long)Math.Round(seconds)));
    }

    public void Report(UsageInterval report, ReportKind kind, UsageReport sums)
    {
        string label = ZonestatOptions.LabelOf(kind);
        string[] times = [Number(options.IntervalSeconds), Number((long)Math.Round(sums.Seconds))];
        Ends(report, label, "header", [Time(sums.Start), Time(report.At), .. times]);
        Write(report, label);
        Ends(report, label, "footer", [Time(report.At), .. times]);
    }

    private void Ends(UsageInterval interval, string label, string which, params string[] fields)
    {
        if (options.Lines.Contains("header"))
            Line(interval, label, which, fields);
    }

    private void Write(UsageInterval interval, string label)
    {
        foreach (ZonestatResource resource in options.Resources)
        {
            if (resource == ZonestatResource.Summary)
                Summary(interval, label);
            else if (resource == ZonestatResource.Psets || resource == ZonestatResource.DefaultPset)
                Psets(interval, label, resource);
            else if (options.ShowsSet(resource.Set))
                Block(interval, label, resource);
        }
    }

    private void Summary(UsageInterval interval, string label)
    {
        if (options.Lines.Contains("resource"))
            Line(
                interval, label, "summary", "[resource]", Number(interval.Cpus), Number(interval.CpusOnline),
                Size(Capacity(interval, Resource.PhysicalMemory)), Size(Capacity(interval, Resource.VirtualMemory)),
                Size(Capacity(interval, Resource.NetworkReceived) / interval.Seconds));
        ProcessorSet[] sets = [.. ProcessorSet.Of(interval)];
        foreach (UsageRow row in Rows(interval.Total, interval.System, interval.Users, options.SummarySort))
        {
            double? traffic = row.Sum(Resource.NetworkReceived, Resource.NetworkSent);
            Line(
                interval, label, "summary", row.Name,
                UsageNumbers.Cpus(row[Resource.Cpu]?.Used, true), Part(interval, row, Resource.Cpu), Percent(row[Resource.Cpu]?.OfCap),
                Percent(sets.FirstOrDefault(s => s.Users.Contains(row))?.OfShare(row)),
                Size(row[Resource.PhysicalMemory]?.Used), Part(interval, row, Resource.PhysicalMemory),
                Percent(row[Resource.PhysicalMemory]?.OfCap),
                Size(row[Resource.VirtualMemory]?.Used), Part(interval, row, Resource.VirtualMemory),
                Percent(row[Resource.VirtualMemory]?.OfCap),
                Size(traffic), Percent(traffic / Capacity(interval, Resource.NetworkReceived)));
        }
    }

    private void Psets(UsageInterval interval, string label, ZonestatResource resource)
    {
        foreach (ProcessorSet set in options.PsetsOf(interval, resource))
        {
            if (options.Lines.Contains("resource"))
                Line(
                    interval, label, ZonestatResource.Psets.Name, set.Type, set.Name, "[resource]", Number(set.Cpus), Number(set.Cpus),
                    set.System is null ? Number(set.Cpus) : "1", set.System is null ? Number(set.Cpus) : UsageNumbers.None,
                    CpuTime(set.Cpus * interval.Seconds));
            foreach (UsageRow row in Rows(set.Total, set.System, set.Users, Resource.Cpu, set))
            {
                Line(
                    interval, label, ZonestatResource.Psets.Name, set.Type, set.Name, row.Name,
                    UsageNumbers.Cpus(row[Resource.Cpu]?.Used, true), Percent(set.Part(row)),
                    UsageNumbers.Cpus(row[Resource.Cpu]?.Cap, true), Percent(row[Resource.Cpu]?.OfCap),
                    UsageNumbers.Number(row.CpuWeight), Percent(set.Share(row)), Percent(set.OfShare(row)),
                    CpuTime((row[Resource.Cpu]?.Used ?? 0) * interval.Seconds));
            }
        }
    }

    private void Block(UsageInterval interval, string label, ZonestatResource resource)
    {
        Resource kind = resource.Kind![0];
        if (options.Lines.Contains("resource"))
            Line(
                interval, label, resource.Name, resource.Set, "[resource]",
                resource == ZonestatResource.Network
                    ? Size(Capacity(interval, kind) / interval.Seconds)
                    : resource.Text(Capacity(interval, kind), true));
        foreach (UsageRow row in Rows(interval.Total, interval.System, interval.Users, kind))
        {
            if (resource.Kind.Count > 1)
            {
                double? sum = row.Sum(kind, resource.Kind[1]);
                Line(
                    interval, label, resource.Name, resource.Set, row.Name, resource.Text(sum, true),
                    Percent(sum / Capacity(interval, kind)),
                    resource.Text(row[kind]?.Used, true),
                    resource.Text(row[resource.Kind[1]]?.Used, true));
            }
            else
            {
                Line(
                    interval, label, resource.Name, resource.Set, row.Name, resource.Text(row[kind]?.Used, true), Part(interval, row, kind),
                    resource.Text(row[kind]?.Cap, true), Percent(row[kind]?.OfCap));
            }
        }
    }

    private IEnumerable<UsageRow> Rows(
        UsageRow total, UsageRow? system, IEnumerable<UsageRow> users, Resource resource, ProcessorSet? set = null) =>
    [
        .. options.Lines.Contains("total") ? (UsageRow[])[total] : [],
        .. options.Lines.Contains("system") && system is not null ? (UsageRow[])[system] : [],
        .. options.Lines.Contains("zones") ? options.Ordered(users, resource, set) : [],
    ];

    private void Line(UsageInterval interval, string label, string resource, params string[] fields)
    {
        string[] time = options.Timestamp is { } form ? [ZonestatOptions.Time(interval.At, form)] : [];
        output.WriteLine(Parsable.Line([.. time, label, resource, .. fields]));
    }

    private string Time(DateTimeOffset at) => ZonestatOptions.Time(at, options.Timestamp ?? 'i');

    /// <summary>CPU time as HOURS-MINUTES-SECONDS, which holds no colon.</summary>
    private static string CpuTime(double seconds) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(long)(seconds / 3600)}-{(long)(seconds / 60) % 60:00}-{Math.Floor(seconds % 60 * 100) / 100:00.00}");

    private static double? Capacity(UsageInterval interval, Resource resource) =>
        interval.Capacity.TryGetValue(resource, out double all) ? all : null;

    private static string Part(UsageInterval interval, UsageRow row, Resource resource) => Percent(interval.OfSystem(row, resource));

    private static string Percent(double? part) => UsageNumbers.Percent(part, true);

    private static string Size(double? bytes) => UsageNumbers.Size(bytes, true);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
