using Lofizone.Devices;

namespace Lofizone.Accounting;

/// <summary>The counters of the machine and of zones that are up, at one moment.</summary>
public sealed record UsageSample(DateTimeOffset At, HostCounters Host, IReadOnlyList<ZoneCounters> Zones);

/// <summary>The counters of one zone.</summary>
/// <param name="Name">The zone.</param>
/// <param name="Id">Zone ID. Another boot has another ID, and counters of its own.</param>
/// <param name="Cgroup">Figures of the zone's cgroups.</param>
/// <param name="Network">Traffic of its interfaces; null without one.</param>
/// <param name="Image">Reads and writes of its image; null when the zone has no image.</param>
public sealed record ZoneCounters(string Name, int Id, CgroupFigures Cgroup, InterfaceCounters? Network, LoopFigures? Image);
