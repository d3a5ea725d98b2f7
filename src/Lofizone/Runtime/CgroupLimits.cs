using System.Globalization;
using Lofizone.Config;
using Lofizone.Hosts;

namespace Lofizone.Runtime;

/// <summary>
/// Writes a zone's limits into the zone's cgroup, of version 1 or 2 (Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst). Every limit is
/// always written, so that a limit is also taken back. The files belong to the host's root, in the zone, too: no zone can change them.
/// </summary>
/// <param name="directories">The zone's cgroup in each hierarchy.</param>
internal sealed class CgroupLimits(IReadOnlyList<string> directories)
{
    /// <summary>Period of the CPU limit, microseconds.</summary>
    private const long PeriodMicroseconds = 100_000;

    /// <summary>
    /// cpu.shares and cpu.weight of one share. The kernel gives any other cgroup 1024 and 100, so that a zone without shares of its own
    /// does not crowd out the engines of the zones.
    /// </summary>
    private const long SharesOfShare = 100, WeightOfShare = 10;

    /// <summary>The file in version 1 that the kernel has only while it counts swap.</summary>
    private const string SwapAccount = "memory.memsw.limit_in_bytes";

    private const string NoLimit = "-1", NoLimit2 = "max";

    /// <exception cref="LofizoneException">The kernel refuses a limit. The limits before it are written.</exception>
    public void Write(string zone, ResourceControls controls, HostCapacity host)
    {
        long memory = controls.MemoryBytes ?? host.DefaultMemoryBytes;
        string tasks = Text(controls.Tasks ?? host.DefaultTasks);
        if (Directory("cpu.max") is { } version2)
        {
            Write(zone, version2, "memory.max", Text(memory), "capped-memory: physical");
            if (Directory("memory.swap.max") is not null)
                Write(zone, version2, "memory.swap.max", controls.SwapBytes is { } swap ? Text(swap) : NoLimit2, "capped-memory: swap");
            Write(zone, version2, "cpu.weight", Text(controls.CpuShares * WeightOfShare), "cpu-shares");
            Write(zone, version2, "cpu.max", $"{Quota(controls) ?? NoLimit2} {PeriodMicroseconds}", "capped-cpu: ncpus");
            Write(zone, version2, "pids.max", tasks, "max-lwps");
            return;
        }

        // The limit of memory and swap together must never be below that of memory.
        if (Directory(SwapAccount) is { } swaps)
            Write(zone, swaps, SwapAccount, NoLimit, "capped-memory: swap");
        Write(zone, Require("memory.limit_in_bytes"), "memory.limit_in_bytes", Text(memory), "capped-memory: physical");
        if (controls.SwapBytes is { } more)
            Write(zone, Require(SwapAccount), SwapAccount, Text(memory + more), "capped-memory: swap");
        Write(zone, Require("cpu.shares"), "cpu.shares", Text(controls.CpuShares * SharesOfShare), "cpu-shares");
        Write(zone, Require("cpu.cfs_period_us"), "cpu.cfs_period_us", Text(PeriodMicroseconds), "capped-cpu: ncpus");
        Write(zone, Require("cpu.cfs_quota_us"), "cpu.cfs_quota_us", Quota(controls) ?? NoLimit, "capped-cpu: ncpus");
        Write(zone, Require("pids.max"), "pids.max", tasks, "max-lwps");
    }

    /// <summary>Lets the zone run on these CPUs alone. Does nothing when there is no cgroup.</summary>
    public void WriteCpus(string zone, CpuList cpus)
    {
        if (directories.Count > 0)
            Write(zone, Require("cpuset.cpus"), "cpuset.cpus", cpus.ToString(), "dedicated-cpu and pool");
    }

    private static string? Quota(ResourceControls controls) =>
        controls.Cpus is { } cpus ? Text((long)(cpus * PeriodMicroseconds)) : null;

    private string? Directory(string file) => directories.FirstOrDefault(d => File.Exists(Path.Combine(d, file)));

    private string Require(string file) => Directory(file) ?? throw new LofizoneException(
        $"the zone's cgroup has no {file}: this kernel can't limit that",
        file == SwapAccount ? "boot the host with swapaccount=1, or clear the swap of capped-memory"
            : "give the host a cgroup controller for it");

    private static void Write(string zone, string directory, string file, string value, string property)
    {
        try
        {
            File.WriteAllText(Path.Combine(directory, file), value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LofizoneException(
                $"zone {zone}: {property}: the kernel refuses {value} in {file}: {e.Message}",
                "the zone may use more than that now; lower the limit later, or boot the zone again", e);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
