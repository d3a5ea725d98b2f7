namespace Lofizone.Accounting;

/// <summary>Use and limits of one zone, as its cgroups tell them. A figure that the host's kernel does not tell is null.</summary>
public sealed record CgroupFigures
{
    /// <summary>CPU time since the zone's boot, nanoseconds.</summary>
    public long? CpuNanoseconds { get; init; }

    /// <summary>
    /// Memory without the cache that the kernel gives back first (<c>inactive_file</c>), bytes. That cache fills whatever memory is free,
    /// and says nothing about the zone's need. The active cache counts, because taking it away would make the zone read again.
    /// </summary>
    public long? MemoryBytes { get; init; }

    public long? SwapBytes { get; init; }

    /// <summary>Memory that can't be swapped out (<c>unevictable</c>: mlock(2), locked shared memory, ramfs), bytes.</summary>
    public long? LockedBytes { get; init; }

    /// <summary>Memory of the kernel that was charged to the zone and can't be reclaimed, bytes.</summary>
    public long? KernelBytes { get; init; }

    /// <summary>
    /// Number of processes; null also when the zone has more cgroups than are read (<see cref="Interop.CgroupProcesses"/>).
    /// </summary>
    public long? Processes { get; init; }

    public long? Threads { get; init; }

    /// <summary>Most CPU time in a second, in CPUs; null without a cap.</summary>
    public double? CpuCap { get; init; }

    /// <summary>Weight of the zone against other zones: <c>cpu.weight</c> (version 2) or <c>cpu.shares</c> (version 1).</summary>
    public long? CpuWeight { get; init; }

    /// <summary>The CPUs that the zone may use; null when the kernel does not tell.</summary>
    public IReadOnlySet<int>? Cpus { get; init; }

    /// <summary>Most memory, bytes; null without a cap.</summary>
    public long? MemoryCap { get; init; }

    /// <summary>Most memory and swap together, bytes; null without a cap.</summary>
    public long? VirtualCap { get; init; }

    /// <summary>Most threads; null without a cap.</summary>
    public long? ThreadCap { get; init; }

    public Pressure? CpuPressure { get; init; }

    public Pressure? MemoryPressure { get; init; }

    public Pressure? IoPressure { get; init; }

    /// <summary>Memory and swap together.</summary>
    public long? VirtualBytes => MemoryBytes + (SwapBytes ?? 0);
}
