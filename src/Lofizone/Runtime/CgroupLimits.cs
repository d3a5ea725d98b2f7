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

    /// <summary>
    /// Writes all limits. A host that lacks a controller has no limits of its kind, and refuses those that a zone's configuration names.
    /// </summary>
    /// <exception cref="LofizoneException">The kernel refuses a limit. The limits before it are written.</exception>
    public void Write(string zone, ResourceControls controls, HostCapacity host)
    {
        long memory = controls.MemoryBytes ?? host.DefaultMemoryBytes;
        if (Directory("memory.max") is not null)
        {
            Set(zone, "memory.max", Text(memory), "capped-memory: physical", controls.MemoryBytes);
            Set(zone, "memory.swap.max", controls.SwapBytes is { } swap ? Text(swap) : NoLimit2, "capped-memory: swap", controls.SwapBytes);
        }
        else
        {
            // The limit of memory and swap together must never be below that of memory.
            Set(zone, SwapAccount, NoLimit, "capped-memory: swap", wanted: null);
            Set(zone, "memory.limit_in_bytes", Text(memory), "capped-memory: physical", controls.MemoryBytes);
            if (controls.SwapBytes is { } more)
                Set(zone, SwapAccount, Text(memory + more), "capped-memory: swap", more);
        }

        object? shares = controls.CpuShares > 1 ? controls.CpuShares : null;
        if (Directory("cpu.weight") is not null)
        {
            Set(zone, "cpu.weight", Text(controls.CpuShares * WeightOfShare), "cpu-shares", shares);
            Set(zone, "cpu.max", $"{Quota(controls) ?? NoLimit2} {PeriodMicroseconds}", "capped-cpu: ncpus", controls.Cpus);
        }
        else
        {
            Set(zone, "cpu.shares", Text(controls.CpuShares * SharesOfShare), "cpu-shares", shares);
            Set(zone, "cpu.cfs_period_us", Text(PeriodMicroseconds), "capped-cpu: ncpus", controls.Cpus);
            Set(zone, "cpu.cfs_quota_us", Quota(controls) ?? NoLimit, "capped-cpu: ncpus", controls.Cpus);
        }

        Set(zone, "pids.max", Text(controls.Tasks ?? host.DefaultTasks), "max-lwps", controls.Tasks);
    }

    /// <summary>Lets the zone run on these CPUs alone. Does nothing when there is no cgroup.</summary>
    public void WriteCpus(string zone, CpuList cpus)
    {
        if (directories.Count > 0)
            Set(zone, "cpuset.cpus", cpus.ToString(), "dedicated-cpu and pool", cpus);
    }

    private static string? Quota(ResourceControls controls) =>
        controls.Cpus is { } cpus ? Text((long)(cpus * PeriodMicroseconds)) : null;

    private string? Directory(string file) => directories.FirstOrDefault(d => File.Exists(Path.Combine(d, file)));

    /// <param name="zone">The zone, for messages.</param>
    /// <param name="file">The limit's file.</param>
    /// <param name="value">The value.</param>
    /// <param name="property">The property that the limit is for.</param>
    /// <param name="wanted">The value in the configuration; null for a default, which a host without the file does not have.</param>
    private void Set(string zone, string file, string value, string property, object? wanted)
    {
        if (Directory(file) is not { } directory)
        {
            if (wanted is null)
                return;
            throw new LofizoneException(
                $"zone {zone}: {property}: the zone's cgroup has no {file}: this host can't limit that",
                file == SwapAccount
                    ? "boot the host with swapaccount=1, or clear the swap of capped-memory"
                    : $"give the host the cgroup controller {file.Split('.')[0]}, or clear the property");
        }

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
