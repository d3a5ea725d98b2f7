namespace Lofizone.Hosts;

/// <summary>Some IDs of the host that somebody uses.</summary>
/// <param name="Start">First ID.</param>
/// <param name="Count">How many.</param>
public readonly record struct IdRange(uint Start, uint Count)
{
    public bool Overlaps(IdRange other) => Start < (ulong)other.Start + other.Count && other.Start < (ulong)Start + Count;
}

/// <summary>Chooses the host IDs of a new zone: a range of its own, aligned, so that a host ID tells the zone and the ID in it.</summary>
public static class UidRanges
{
    /// <summary>IDs per zone.</summary>
    public const uint RangeSize = 65536;

    /// <summary>
    /// First base handed out: above what distributions give to users (subuid starts at 100000) and to systemd-nspawn's lower half.
    /// </summary>
    public const uint First = 0x4000_0000;

    /// <summary>IDs from here up are left alone: many programs take them for negative numbers.</summary>
    public const uint End = 0x7fff_0000;

    /// <summary>The lowest free base.</summary>
    /// <param name="used">Bases of the zones that exist.</param>
    /// <param name="taken">Ranges that others use, see <see cref="Parse"/>.</param>
    /// <exception cref="LofizoneException">All are in use.</exception>
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

    /// <summary>What the host's own files say is in use; missing files count as empty.</summary>
    public static IReadOnlyList<IdRange> TakenOnHost() => Parse(
        Text("/etc/subuid") + "\n" + Text("/etc/subgid"),
        Text("/etc/passwd") + "\n" + Text("/etc/group"));

    /// <summary>Ranges named in subuid(5) text and single IDs named in passwd(5) or group(5) text; malformed lines name none.</summary>
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
