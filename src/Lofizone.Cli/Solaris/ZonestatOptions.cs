using Lofizone.Accounting;

namespace Lofizone.Cli.Solaris;

/// <summary>What a run of zonestat shows.</summary>
internal sealed record ZonestatOptions
{
    public const string Used = "used", Cap = "cap", PartOfCap = "pcap", Shares = "shr", PartOfShares = "pshru", Name = "name";

    /// <summary>Columns of -S.</summary>
    public static IReadOnlyList<string> SortColumns { get; } =
        [Name, Used, Cap, PartOfCap, Shares, PartOfShares, "cpu", "physical-memory", "virtual-memory"];

    /// <summary>Kinds of lines of -P.</summary>
    public static IReadOnlyList<string> LineKinds { get; } = ["resource", "total", "system", "zones", "header"];

    /// <summary>Names of <see cref="ReportKind"/> in -R.</summary>
    public static IReadOnlyList<string> ReportNames { get; } = ["total", "average", "high"];

    /// <summary>The zones to show; empty for all.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    public IReadOnlyList<ZonestatResource> Resources { get; init; } = [ZonestatResource.Summary];

    /// <summary>Names of resources to show; empty for all.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    public IReadOnlyList<ReportKind> Reports { get; init; } = [];

    public IReadOnlyList<string> Lines { get; init; } = LineKinds;

    public IReadOnlyList<string> Sort { get; init; } = [];

    /// <summary>u, d or i; null without a time in front of each report or line.</summary>
    public char? Timestamp { get; init; }

    public required long IntervalSeconds { get; init; }

    public long Intervals { get; init; } = long.MaxValue;

    /// <summary>Intervals of one report of -R; null for one report over all intervals.</summary>
    public long? ReportEvery { get; init; }

    /// <summary>Name of a report in the output for programs.</summary>
    public static string LabelOf(ReportKind kind) => "report-" + ReportNames[(int)kind];

    public bool ShowsZone(string name) => Zones.Count == 0 || Zones.Contains(name);

    /// <summary>The processor sets that are shown for one of the two types of them.</summary>
    public IEnumerable<ProcessorSet> PsetsOf(UsageInterval interval, ZonestatResource resource) => ProcessorSet.Of(interval)
        .Where(s => resource == ZonestatResource.Psets || s.Type == ProcessorSet.DefaultType)
        .Where(s => ShowsSet(s.Name) && s.Users.Any(u => ShowsZone(u.Name)));

    public bool ShowsSet(string name) => Sets.Count == 0 || Sets.Contains(name);

    /// <summary>The users of a resource that are shown, sorted by -S; by use and name without it.</summary>
    public IReadOnlyList<UsageRow> Ordered(IEnumerable<UsageRow> users, Resource resource, ProcessorSet? set = null)
    {
        IOrderedEnumerable<UsageRow> sorted = users.Where(u => ShowsZone(u.Name)).OrderBy(_ => 0);
        foreach (string column in Sort.Where(c => c is not ("cpu" or "physical-memory" or "virtual-memory")).DefaultIfEmpty(Used))
        {
            sorted = column switch
            {
                Name => sorted.ThenBy(u => u.Name, StringComparer.Ordinal),
                Cap => sorted.ThenByDescending(u => u[resource]?.Cap ?? 0),
                PartOfCap => sorted.ThenByDescending(u => u[resource]?.OfCap ?? 0),
                Shares => sorted.ThenByDescending(u => u.CpuWeight ?? 0),
                PartOfShares => sorted.ThenByDescending(u => set?.OfShare(u) ?? 0),
                _ => sorted.ThenByDescending(u => u[resource]?.Used ?? 0),
            };
        }

        return [.. sorted.ThenBy(u => u.Name, StringComparer.Ordinal)];
    }

    /// <summary>The resource by which the summary is sorted.</summary>
    public Resource SummarySort => Sort.Contains("physical-memory") ? Resource.PhysicalMemory
        : Sort.Contains("virtual-memory") ? Resource.VirtualMemory
        : Resource.Cpu;

    public static string Time(DateTimeOffset at, char form) => form switch
    {
        'u' => $"{at.ToUnixTimeSeconds()}",
        'i' => at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        _ => at.UtcDateTime.ToString("ddd MMM d HH:mm:ss 'UTC' yyyy", System.Globalization.CultureInfo.InvariantCulture),
    };
}
