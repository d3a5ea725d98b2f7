using System.Globalization;

namespace Lofizone.Runtime;

/// <summary>The host's resources, and the parts of them that a zone gets which has no limit of its own.</summary>
/// <param name="MemoryBytes">Memory of the host, bytes.</param>
/// <param name="DefaultTasks">Processes and threads of a zone without a limit of its own.</param>
/// <param name="MostTasks">Processes and threads of a zone at most.</param>
public sealed record HostCapacity(long MemoryBytes, long DefaultTasks, long MostTasks)
{
    /// <summary>Part of the host's memory that no zone gets unless its configuration says so, percent.</summary>
    private const int ReservedPercent = 10;

    /// <summary>Memory that stays the host's at least, bytes, unless it is more than half of the memory.</summary>
    private const long ReservedBytes = 256L << 20;

    private static readonly Lazy<HostCapacity> _ofHost = new(() =>
        new HostCapacity(MemoryOfHost(), ProcessLimit.OfHost(), ProcessLimit.MostOfHost()));

    public static HostCapacity OfHost => _ofHost.Value;

    /// <summary>
    /// Memory of a zone without capped-memory, bytes: the host's memory but for a tenth, which is enough for the host's own programs and
    /// the zones' engines while one zone wants everything.
    /// </summary>
    public long DefaultMemoryBytes =>
        Math.Max(MemoryBytes / 2, Math.Min(MemoryBytes - ReservedBytes, MemoryBytes / 100 * (100 - ReservedPercent)));

    private static long MemoryOfHost()
    {
        const int BytesPerKilobyte = 1024;
        string line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemTotal:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * BytesPerKilobyte;
    }
}
