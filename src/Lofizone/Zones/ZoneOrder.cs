using Lofizone.Config;

namespace Lofizone.Zones;

/// <summary>
/// The order in which the zones of a host are booted with the host, and halted with it: by boot-dependency and boot-priority. A dependency
/// is up when it runs; its boot has succeeded then.
/// </summary>
public sealed class ZoneOrder
{
    private readonly Dictionary<string, ZoneStatus> _zones;
    private readonly Dictionary<string, HashSet<string>> _needs;
    private readonly Dictionary<string, HashSet<string>> _reached;

    /// <param name="zones">All zones of the host.</param>
    public ZoneOrder(IEnumerable<ZoneStatus> zones)
    {
        _zones = zones.ToDictionary(z => z.Name, StringComparer.Ordinal);
        _needs = _zones.Values.ToDictionary(z => z.Name, z => Needs(z).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        Cycles = FindCycles();
        _reached = _zones.Keys.ToDictionary(z => z, z => Reach(z, CountingNeeds), StringComparer.Ordinal);
    }

    /// <summary>
    /// The zones that depend on each other in a circle, each circle by its zones' names. The dependencies within a circle do not count.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Cycles { get; }

    /// <summary>The zones to boot with the host.</summary>
    /// <param name="limit">Time for one zone's boot.</param>
    [EffectOf("boot-priority", "boot-dependency")]
    public IReadOnlyList<ScheduledZone> ForBoot(TimeSpan limit)
    {
        Dictionary<string, ZoneStatus> set = _zones.Values.Where(IsBooted).ToDictionary(z => z.Name, StringComparer.Ordinal);
        return
        [
            .. set.Values.Select(z => new ScheduledZone(
                z.Name, RankWithDependents(z.Name, set), limit, [.. CountingNeeds(z.Name).Where(set.ContainsKey)])
            {
                Obstacle = CountingNeeds(z.Name).Select(need => Obstacle(z.Name, need, set)).FirstOrDefault(o => o is not null),
            }),
        ];
    }

    /// <summary>The zones to halt with the host: a zone after those that depend on it.</summary>
    /// <param name="limit">Time for one zone's halt.</param>
    public IReadOnlyList<ScheduledZone> ForHalt(Func<ZoneStatus, TimeSpan> limit)
    {
        Dictionary<string, ZoneStatus> set = _zones.Values.Where(z => z.State.IsUp()).ToDictionary(z => z.Name, StringComparer.Ordinal);
        return
        [
            .. set.Values.Select(z => new ScheduledZone(
                z.Name, -RankOf(z), limit(z), [.. set.Keys.Where(other => CountingNeeds(other).Contains(z.Name))])),
        ];
    }

    /// <summary>The zones that can't be up before this zone is, directly or by another zone.</summary>
    public IReadOnlyList<string> DependentsOf(string zone) =>
        [.. _zones.Keys.Where(other => other != zone && _reached[other].Contains(zone)).Order(StringComparer.Ordinal)];

    /// <summary>True for a zone that is booted with the host and is not up yet.</summary>
    public static bool IsBooted(ZoneStatus zone) => zone.BootsWithHost && zone.State is ZoneState.Installed or ZoneState.Down;

    internal static LofizoneException NotUp(string zone, string need, string why, string remedy) => new(
        $"{zone}: not booted: it depends on zone {need} (boot-dependency), which {why}", $"{remedy}; then zone boot {zone}");

    private static IEnumerable<string> Needs(ZoneStatus zone) =>
        GlobalProperties.BootDependency.Get(zone.Record.Config) is { } list ? ValueKind.Items(list) : [];

    private static int RankOf(ZoneStatus zone) =>
        GlobalProperties.BootPriorities.Index().First(p => p.Item == GlobalProperties.BootPriority.Of(zone.Record.Config)).Index;

    /// <summary>A zone goes as early as the earliest of the zones that wait for it.</summary>
    private int RankWithDependents(string zone, Dictionary<string, ZoneStatus> set) =>
        DependentsOf(zone).Where(set.ContainsKey).Append(zone).Min(z => RankOf(set[z]));

    private LofizoneException? Obstacle(string zone, string need, Dictionary<string, ZoneStatus> set)
    {
        if (set.ContainsKey(need))
            return null;
        if (!_zones.TryGetValue(need, out ZoneStatus? there))
            return NotUp(zone, need, "is not a zone of this host", $"bring {need} here, or change boot-dependency");
        if (there.State == ZoneState.Running)
            return null;
        string why = there.Record.Config.Autoboot ? $"is {there.State.Text()}" : $"is {there.State.Text()} and has autoboot=false";
        return NotUp(zone, need, why, $"zone boot {need}");
    }

    /// <summary>The zone's dependencies without those that lead back to the zone.</summary>
    private IEnumerable<string> CountingNeeds(string zone) =>
        _needs[zone].Where(need => !Cycles.Any(c => c.Contains(zone) && c.Contains(need))).Order(StringComparer.Ordinal);

    private List<IReadOnlyList<string>> FindCycles()
    {
        Dictionary<string, HashSet<string>> reached =
            _zones.Keys.ToDictionary(z => z, z => Reach(z, n => _needs[n]), StringComparer.Ordinal);
        bool IsInCircleOf(string zone, string other) => reached[zone].Contains(other) && reached[other].Contains(zone);
        return
        [
            .. _zones.Keys.Where(z => IsInCircleOf(z, z)).Order(StringComparer.Ordinal)
                .GroupBy(z => _zones.Keys.Where(other => IsInCircleOf(z, other)).Min(StringComparer.Ordinal))
                .Select(IReadOnlyList<string> (group) => [.. group]),
        ];
    }

    /// <summary>All zones that a zone leads to.</summary>
    private HashSet<string> Reach(string zone, Func<string, IEnumerable<string>> next)
    {
        HashSet<string> found = new(StringComparer.Ordinal);
        Stack<string> left = new([zone]);
        while (left.TryPop(out string? at))
        {
            foreach (string need in next(at).Where(n => found.Add(n) && _zones.ContainsKey(n)))
                left.Push(need);
        }

        return found;
    }
}
