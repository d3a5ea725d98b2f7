using Lofizone.Accounting;
using Lofizone.Cli.Output;
using Spectre.Console;

namespace Lofizone.Cli.Verbs;

/// <summary>The columns of <c>zone top</c>, one line for each zone.</summary>
internal static class TopTable
{
    /// <summary>Used part of a cap from which a zone's line is yellow, and from which it is red.</summary>
    private const double NearCap = 0.7, AtCap = 0.9;

    private static readonly string[] _headings =
        ["NAME", "CPU", "%CPU", "%CAP", "MEM", "%MEM", "%CAP", "SWAP", "PROC", "LWP", "NET/s", "IO/s"];

    private static readonly int[] _widths = [-16, 5, 6, 5, 6, 6, 5, 6, 5, 5, 6, 6];

    /// <summary>The columns that --sort knows, each with its key on a terminal and its figure.</summary>
    public static IReadOnlyList<(string Name, char Key, Func<UsageRow, double?>? Figure)> Sorts { get; } =
    [
        ("cpu", 'c', r => r[Resource.Cpu]?.Used),
        ("memory", 'm', r => r[Resource.PhysicalMemory]?.Used),
        ("swap", 's', r => r[Resource.Swap]?.Used),
        ("procs", 'p', r => r[Resource.Processes]?.Used),
        ("lwps", 'l', r => r[Resource.Lwps]?.Used),
        ("net", 't', r => r.Sum(Resource.NetworkReceived, Resource.NetworkSent)),
        ("io", 'i', r => r.Sum(Resource.ImageRead, Resource.ImageWritten)),
        ("cap", 'x', NearestCap),
        ("name", 'n', null),
    ];

    /// <summary>The zones, largest first; by name where the figures are equal. The global zone is one of them.</summary>
    public static IReadOnlyList<UsageRow> Sorted(UsageInterval interval, string sort)
    {
        Func<UsageRow, double?>? figure = Sorts.Single(s => s.Name == sort).Figure;
        return
        [
            .. interval.Users.OrderByDescending(r => figure?.Invoke(r) ?? 0).ThenBy(r => r.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Lines that follow each other over time.</summary>
    public static void Write(UsageInterval interval, string sort, TextWriter output)
    {
        output.WriteLine(Machine(interval));
        output.WriteLine(TableLine.Of(_headings, _widths));
        foreach (UsageRow row in Sorted(interval, sort))
            output.WriteLine(TableLine.Of(Cells(interval, row), _widths));
    }

    /// <summary>Lines that replace those before on a terminal, cut at its width and height.</summary>
    public static Rows LiveLines(UsageInterval interval, string sort, int width, int height)
    {
        string keys = string.Join(' ', Sorts.Select(s => s.Name == sort ? $"[{s.Key}]{s.Name}" : $"{s.Key} {s.Name}"));
        IEnumerable<Text> rows = Sorted(interval, sort).Select(r => new Text(Cut(TableLine.Of(Cells(interval, r), _widths)), StyleOf(r)));
        Text[] head =
        [
            new(Cut(Machine(interval))), new(Cut($"q quits; sort: {keys}"), new Style(Color.Grey)),
            new(Cut(TableLine.Of(_headings, _widths)), new Style(decoration: Decoration.Invert)),
        ];
        return new Rows(head.Concat(rows.Take(Math.Max(1, height - head.Length - 1))));

        string Cut(string line) => line.Length <= width ? line : line[..width];
    }

    /// <summary>The fullest of a zone's caps; null without a cap.</summary>
    private static double? NearestCap(UsageRow row) => row.Amounts.Values.Max(a => a.OfCap);

    private static Style StyleOf(UsageRow row) => NearestCap(row) switch
    {
        >= AtCap => new Style(Color.Red),
        >= NearCap => new Style(Color.Yellow),
        _ => Style.Plain,
    };

    private static string Machine(UsageInterval interval) =>
        $"{interval.At.UtcDateTime:HH:mm:ss} UTC, {interval.Zones.Count} zones, {interval.CpusOnline} CPUs "
        + $"{UsageNumbers.Percent(interval.OfSystem(interval.Total, Resource.Cpu))} busy, memory "
        + $"{Of(interval, Resource.PhysicalMemory)}, swap {Of(interval, Resource.Swap)}, "
        + $"{UsageNumbers.Count(interval.Total[Resource.Processes]?.Used)} processes";

    private static string Of(UsageInterval interval, Resource resource) =>
        $"{UsageNumbers.Size(interval.Total[resource]?.Used)} of "
        + UsageNumbers.Size(interval.Capacity.TryGetValue(resource, out double all) ? all : null);

    private static string[] Cells(UsageInterval interval, UsageRow row)
    {
        string Rate(double? bytes) => UsageNumbers.Size(bytes / interval.Seconds);
        return
        [
            row.Name, UsageNumbers.Cpus(row[Resource.Cpu]?.Used), UsageNumbers.Percent(interval.OfSystem(row, Resource.Cpu)),
            UsageNumbers.Percent(row[Resource.Cpu]?.OfCap),
            UsageNumbers.Size(row[Resource.PhysicalMemory]?.Used), UsageNumbers.Percent(interval.OfSystem(row, Resource.PhysicalMemory)),
            UsageNumbers.Percent(row[Resource.PhysicalMemory]?.OfCap), UsageNumbers.Size(row[Resource.Swap]?.Used),
            UsageNumbers.Count(row[Resource.Processes]?.Used), UsageNumbers.Count(row[Resource.Lwps]?.Used),
            Rate(row.Sum(Resource.NetworkReceived, Resource.NetworkSent)), Rate(row.Sum(Resource.ImageRead, Resource.ImageWritten)),
        ];
    }
}
