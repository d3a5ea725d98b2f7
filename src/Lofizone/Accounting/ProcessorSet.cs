namespace Lofizone.Accounting;

/// <summary>CPUs that some zones use together: the default set, or those of zones that are bound to a part of the CPUs.</summary>
/// <param name="Name"><c>pset_default</c>; the zone that has the CPUs for itself; or the CPUs of several zones.</param>
/// <param name="Type">The name of the type in zonestat(1).</param>
/// <param name="Cpus">Number of CPUs.</param>
/// <param name="Total">Use of the set.</param>
/// <param name="System">Use of the kernel for itself; null in a set of zones.</param>
/// <param name="Users">The zones, and the global zone in the default set.</param>
public sealed record ProcessorSet(string Name, string Type, int Cpus, UsageRow Total, UsageRow? System, IReadOnlyList<UsageRow> Users)
{
    public const string DefaultType = "default-pset", DefaultName = "pset_default";

    private const string DedicatedType = "dedicated-cpu", SharedType = "pool-pset";

    /// <summary>The sets of an interval, the default set first.</summary>
    public static IReadOnlyList<ProcessorSet> Of(UsageInterval interval)
    {
        IGrouping<string, UsageRow>[] bound =
        [
            .. interval.Zones.Where(z => z.CpuSet is { } cpus && cpus.Count < interval.CpusOnline)
                .GroupBy(z => string.Join(',', z.CpuSet!)),
        ];
        UsageRow[] elsewhere = [.. bound.SelectMany(g => g)];
        // CPUs that one zone alone has are not in the default set. Those of several zones may serve all others, too.
        int dedicated = bound.Where(g => g.Count() == 1).Sum(g => g.Single().CpuSet!.Count);
        return
        [
            new ProcessorSet(
                DefaultName, DefaultType, Math.Max(1, interval.CpusOnline - dedicated),
                Cpu(interval.Total.Name, (interval.Total[Resource.Cpu]?.Used ?? 0) - elsewhere.Sum(Used)),
                interval.System, [interval.Global, .. interval.Zones.Except(elsewhere)]),
            .. bound.Select(g => new ProcessorSet(
                g.Count() == 1 ? g.Single().Name : g.Key, g.Count() == 1 ? DedicatedType : SharedType, g.First().CpuSet!.Count,
                Cpu(interval.Total.Name, g.Sum(Used)), null, [.. g])),
        ];
    }

    /// <summary>Part of the set's CPUs.</summary>
    public double? Part(UsageRow row) => row[Resource.Cpu]?.Used / Cpus;

    /// <summary>The part of the set that a zone's weight gives it against the other zones; null for what has no weight.</summary>
    public double? Share(UsageRow row) =>
        row.CpuWeight is { } weight && Users.Sum(u => u.CpuWeight ?? 0) is > 0 and var all ? (double)weight / all : null;

    /// <summary>Used part of the share. More than 1 is CPU time that others did not want.</summary>
    public double? OfShare(UsageRow row) => Share(row) is > 0 and var share ? Part(row) / share : null;

    private static double Used(UsageRow row) => row[Resource.Cpu]?.Used ?? 0;

    private static UsageRow Cpu(string name, double used) =>
        new(name, new Dictionary<Resource, Amount> { [Resource.Cpu] = new(Math.Max(0, used)) });
}
