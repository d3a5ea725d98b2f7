namespace Lofizone.Hosts;

/// <summary>A range of the host's IDs that is in use.</summary>
/// <param name="Start">First ID.</param>
/// <param name="Count">Number of IDs.</param>
public readonly record struct IdRange(uint Start, uint Count)
{
    public bool Overlaps(IdRange other) => Start < (ulong)other.Start + other.Count && other.Start < (ulong)Start + Count;
}

/// <summary>
/// Chooses the host IDs of a new zone: an aligned range of its own, so that a host ID tells the zone and the ID in the zone.
/// </summary>
public static class UidRanges
{
    /// <summary>Number of IDs per zone.</summary>
    public const uint RangeSize = 65536;

    /// <summary>
    /// First base that is given out. The base is above the ranges that distributions give to users (subuid starts at 100000) and above the
    /// lower half of systemd-nspawn's range.
    /// </summary>
    public const uint First = 0x4000_0000;

    /// <summary>IDs from here up are not used, because many programs take them for negative numbers.</summary>
    public const uint End = 0x7fff_0000;

    /// <summary>The lowest free base.</summary>
    /// <param name="used">Bases of the zones that exist.</param>
    /// <param name="taken">Ranges in other use, see <see cref="Parse"/>.</param>
    /// <exception cref="LofizoneException">All ranges are in use.</exception>
    public static uint Allocate(IEnumerable<uint> used, IEnumerable<IdRange> taken)
    {
        IdRange[] ranges = [.. used.Select(b => new IdRange(b, RangeSize)).Concat(taken).OrderBy(r => r.Start)];
        ulong candidate = First;
        foreach (IdRange range in ranges)
        {
            if (candidate < End && range.Overlaps(new IdRange((uint)candidate, RangeSize)))
                candidate = ((ulong)range.Start + range.Count + RangeSize - 1) / RangeSize * RangeSize;
        }

        return candidate < End
            ? (uint)candidate
            : throw new LofizoneException(
                "no free range of user IDs for the zone", "delete zones that are not needed, or free ranges in /etc/subuid");
    }

    /// <summary>The ranges that the host's own files name as used. A missing file counts as empty.</summary>
    public static IReadOnlyList<IdRange> TakenOnHost() => Parse(
        Text("/etc/subuid") + "\n" + Text("/etc/subgid"),
        Text("/etc/passwd") + "\n" + Text("/etc/group"));

    /// <summary>
    /// The ranges in the text of subuid(5), and the single IDs in the text of passwd(5) or group(5). Malformed lines are skipped.
    /// </summary>
    public static IReadOnlyList<IdRange> Parse(string subordinate, string accounts)
    {
        List<IdRange> ranges = [];
        foreach (string[] fields in Fields(subordinate))
        {
            if (fields.Length == 3 && uint.TryParse(fields[1], out uint start) && uint.TryParse(fields[2], out uint count) && count > 0)
                ranges.Add(new IdRange(start, count));
        }

        foreach (string[] fields in Fields(accounts))
        {
            if (fields.Length >= 3 && uint.TryParse(fields[2], out uint id))
                ranges.Add(new IdRange(id, 1));
        }

        return ranges;
    }

    private static IEnumerable<string[]> Fields(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#').Select(l => l.Trim().Split(':'));

    private static string Text(string file) => File.Exists(file) ? File.ReadAllText(file) : "";
}
