using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Accounting;

/// <summary>
/// Reads use and limits of a zone from its cgroups. Version 1 and version 2 have files of different names, so the reader looks for a name
/// in all hierarchies, and need not know which hierarchy has which controller. Reads wait for nothing: the kernel answers from memory.
/// </summary>
/// <param name="layout">The host's hierarchies.</param>
public sealed class CgroupReader(CgroupLayout layout)
{
    /// <summary>Version 1 writes "no limit" as the largest number of whole pages.</summary>
    private const long NoLimit = 1L << 62;

    private const string ScopeSuffix = ".scope";

    /// <param name="path">The zone's cgroup below each hierarchy's root.</param>
    public CgroupFigures Read(string path)
    {
        string? memory = Text(path, "memory.stat");
        long? pages = Number(path, "memory.current") ?? Number(path, "memory.usage_in_bytes");
        long? memoryCap = Least(path, "memory.max", "memory.limit_in_bytes");
        return new CgroupFigures
        {
            CpuNanoseconds = Number(path, "cpuacct.usage") ?? CpuMicroseconds(path) * 1000,
            MemoryBytes = pages is { } all ? Math.Max(0, all - (Stat(memory, "inactive_file") ?? 0)) : null,
            SwapBytes = Number(path, "memory.swap.current") ?? Stat(memory, "swap"),
            LockedBytes = Stat(memory, "unevictable"),
            KernelBytes = Kernel(memory),
            Processes = Find(path, "pids.current", "cgroup.procs") is { } members ? CgroupProcesses.Count(members) : null,
            Threads = Number(path, "pids.current"),
            CpuCap = Levels(path).Select(CpuCap).Min(),
            CpuWeight = Number(Levels(path)[^1], "cpu.weight") ?? Number(Levels(path)[^1], "cpu.shares"),
            Cpus = CpuList.Parse(Text(path, "cpuset.cpus.effective") ?? Text(path, "cpuset.effective_cpus")) is { } cpus
                ? cpus.Cpus
                : null,
            MemoryCap = memoryCap,
            VirtualCap = Least(path, "memory.memsw.limit_in_bytes") ?? memoryCap + Least(path, "memory.swap.max"),
            ThreadCap = Least(path, "pids.max"),
            CpuPressure = Pressure.Parse(Text(path, "cpu.pressure")),
            MemoryPressure = Pressure.Parse(Text(path, "memory.pressure")),
            IoPressure = Pressure.Parse(Text(path, "io.pressure")),
        };
    }

    /// <summary>
    /// The cgroups whose limits hold for the zone: its own, and the scope around it where systemd runs. The last one stands beside those of
    /// the other zones, so that its weight counts.
    /// </summary>
    private static string[] Levels(string path) =>
        Path.GetDirectoryName(path) is { } above && above.EndsWith(ScopeSuffix, StringComparison.Ordinal) ? [path, above] : [path];

    private long? Least(string path, params string[] files) =>
        Levels(path).SelectMany(l => files.Select(f => Number(l, f))).Where(n => n is >= 0 and < NoLimit).Min();

    /// <summary>Version 2 has quota and period in one file, version 1 in two. Both are in microseconds.</summary>
    private double? CpuCap(string path)
    {
        string[]? words = Text(path, "cpu.max")?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        (long? quota, long? period) = words is [var first, var second]
            ? (KernelText.Number(first), KernelText.Number(second))
            : (Number(path, "cpu.cfs_quota_us"), Number(path, "cpu.cfs_period_us"));
        return quota is > 0 && period is > 0 ? (double)quota / period : null;
    }

    /// <summary>The files of this name of both versions hold different lines.</summary>
    private long? CpuMicroseconds(string path) =>
        layout.All.Select(h => KernelText.Number(KernelText.Read($"{h}{path}/cpu.stat"), "usage_usec")).FirstOrDefault(n => n is not null);

    /// <summary>A line of memory.stat. Version 1 has a cgroup's own figure, and with <c>total_</c> that of all below, too.</summary>
    private static long? Stat(string? memory, string key) =>
        KernelText.Number(memory, "total_" + key) ?? KernelText.Number(memory, key);

    private static long? Kernel(string? memory) =>
        KernelText.Number(memory, "kernel_stack") is { } stacks
            ? stacks + ((string[])["pagetables", "percpu", "slab_unreclaimable"]).Sum(k => KernelText.Number(memory, k) ?? 0)
            : null;

    private long? Number(string path, string file) => KernelText.Number(Text(path, file));

    private string? Text(string path, string file) =>
        Find(path, file) is { } directory ? KernelText.Read(string.Create(CultureInfo.InvariantCulture, $"{directory}/{file}")) : null;

    /// <summary>The zone's directory in the first hierarchy that has one of the files; files that stand earlier are preferred.</summary>
    private string? Find(string path, params string[] files) =>
        files.SelectMany(f => layout.All.Select(h => h + path).Where(d => File.Exists($"{d}/{f}"))).FirstOrDefault();
}
