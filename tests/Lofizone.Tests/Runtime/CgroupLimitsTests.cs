using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Runtime;

namespace Lofizone.Tests.Runtime;

/// <summary>The files that the limits of a zone become, in cgroups of both versions.</summary>
public sealed class CgroupLimitsTests : IDisposable
{
    private static readonly HostCapacity _host = new(10L << 30, 1000, 5000);
    private static readonly ResourceControls _all = new() { MemoryBytes = 64 << 20, SwapBytes = 16 << 20, Cpus = 1.5m, CpuShares = 7, Tasks = 300 };

    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-test-cgroup-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Swap_is_counted_with_memory_in_version_1_and_alone_in_version_2()
    {
        CgroupLimits one = Make("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "cpu.shares", "cpu.cfs_period_us", "cpu.cfs_quota_us", "pids.max", "cpuset.cpus");
        one.Write("web", _all, _host);
        one.WriteCpus("web", new CpuList([1, 2, 5]));
        Assert.Equal(
            "memory.limit_in_bytes=67108864 memory.memsw.limit_in_bytes=83886080 cpu.shares=700 cpu.cfs_period_us=100000 cpu.cfs_quota_us=150000 pids.max=300 cpuset.cpus=1-2,5",
            Read("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "cpu.shares", "cpu.cfs_period_us", "cpu.cfs_quota_us", "pids.max", "cpuset.cpus"));
        one.Write("web", new ResourceControls(), _host);
        Assert.Equal(
            "memory.limit_in_bytes=9663676380 memory.memsw.limit_in_bytes=-1 cpu.shares=100 cpu.cfs_quota_us=-1 pids.max=1000",
            Read("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "cpu.shares", "cpu.cfs_quota_us", "pids.max"));
    }

    [Fact]
    public void Version_2_has_files_of_its_own()
    {
        CgroupLimits two = Make("memory.max", "memory.swap.max", "cpu.weight", "cpu.max", "pids.max");
        two.Write("web", _all, _host);
        Assert.Equal(
            "memory.max=67108864 memory.swap.max=16777216 cpu.weight=70 cpu.max=150000 100000 pids.max=300",
            Read("memory.max", "memory.swap.max", "cpu.weight", "cpu.max", "pids.max"));
        two.Write("web", new ResourceControls(), _host);
        Assert.Equal(
            "memory.max=9663676380 memory.swap.max=max cpu.weight=10 cpu.max=max 100000 pids.max=1000",
            Read("memory.max", "memory.swap.max", "cpu.weight", "cpu.max", "pids.max"));
    }

    [Fact]
    public void A_kernel_that_does_not_count_swap_can_not_limit_it()
    {
        CgroupLimits one = Make("memory.limit_in_bytes", "cpu.shares", "cpu.cfs_period_us", "cpu.cfs_quota_us", "pids.max");
        one.Write("web", _all with { SwapBytes = null }, _host);
        LofizoneException refused = Assert.Throws<LofizoneException>(() => one.Write("web", _all, _host));
        Assert.Contains("memory.memsw.limit_in_bytes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("swapaccount=1", refused.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(24L << 30, 23192823398)]
    [InlineData(1L << 30, 805306368)]
    [InlineData(256L << 20, 134217728)]
    public void A_zone_without_a_cap_leaves_memory_to_the_host(long host, long zone) => Assert.Equal(zone, new HostCapacity(host, 1, 1).DefaultMemoryBytes, 100.0);

    private CgroupLimits Make(params string[] files)
    {
        foreach (string file in files)
            File.WriteAllText(Path.Combine(_directory, file), "");
        return new CgroupLimits([_directory]);
    }

    private string Read(params string[] files) => string.Join(' ', files.Select(f => $"{f}={File.ReadAllText(Path.Combine(_directory, f))}"));
}
