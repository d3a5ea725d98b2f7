using Lofizone.Accounting;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Tests.Accounting;

/// <summary>The figures of a zone from the files of both versions of cgroups.</summary>
public sealed class CgroupReaderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lofizone-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Version_1_tells_use_and_limits_in_one_hierarchy_for_each_controller()
    {
        const string zone = "/lofizone/web";
        Write($"cpuacct{zone}/cpuacct.usage", "7000000000\n");
        Write($"cpu{zone}/cpu.stat", "nr_periods 4\nnr_throttled 1\n");
        Write($"cpu{zone}/cpu.cfs_quota_us", "50000\n");
        Write($"cpu{zone}/cpu.cfs_period_us", "100000\n");
        Write($"cpu{zone}/cpu.shares", "2048\n");
        Write($"cpuset{zone}/cpuset.effective_cpus", "0-1,4\n");
        Write($"memory{zone}/memory.usage_in_bytes", "1000000\n");
        Write($"memory{zone}/memory.limit_in_bytes", "536870912\n");
        Write($"memory{zone}/memory.memsw.limit_in_bytes", "1073741824\n");
        Write($"memory{zone}/memory.stat", "inactive_file 7\nunevictable 1\nswap 1\ntotal_inactive_file 400000\ntotal_unevictable 8192\ntotal_swap 4096\n");
        Write($"pids{zone}/pids.current", "5\n");
        Write($"pids{zone}/pids.max", "100\n");
        Write($"pids{zone}/cgroup.procs", "11\n12\n13\n");
        Write($"systemd{zone}/cgroup.procs", "11\n");
        CgroupFigures figures = Reader(version2: null, "systemd", "cpu", "cpuacct", "cpuset", "memory", "pids").Read(zone);
        Assert.Equal((7_000_000_000L, 0.5, 2048L), (figures.CpuNanoseconds, figures.CpuCap, figures.CpuWeight));
        Assert.Equal([0, 1, 4], figures.Cpus!);
        Assert.Equal((600_000L, 4096L, 8192L, 604_096L), (figures.MemoryBytes, figures.SwapBytes, figures.LockedBytes, figures.VirtualBytes));
        Assert.Equal((512L << 20, 1L << 30), (figures.MemoryCap, figures.VirtualCap));
        Assert.Equal((3L, 5L, 100L), (figures.Processes, figures.Threads, figures.ThreadCap));
        Assert.Null(figures.CpuPressure);
    }

    [Fact]
    public void Version_2_tells_use_in_the_zones_cgroup_and_the_lower_limit_of_zone_and_scope()
    {
        const string scope = "/lofizone.slice/lofizone-zone-web-1a.scope", zone = scope + "/zone";
        Write($"v2{zone}/cpu.stat", "usage_usec 7000000\nuser_usec 1\n");
        Write($"v2{zone}/cpu.max", "max 100000\n");
        Write($"v2{scope}/cpu.max", "150000 100000\n");
        Write($"v2{zone}/cpu.weight", "100\n");
        Write($"v2{scope}/cpu.weight", "300\n");
        Write($"v2{zone}/cpuset.cpus.effective", "3\n");
        Write($"v2{zone}/memory.current", "1000000\n");
        Write($"v2{zone}/memory.max", "536870912\n");
        Write($"v2{scope}/memory.max", "268435456\n");
        Write($"v2{zone}/memory.swap.max", "1048576\n");
        Write($"v2{zone}/memory.swap.current", "4096\n");
        Write($"v2{zone}/memory.stat", "anon 5\nkernel_stack 100\npagetables 20\npercpu 3\nslab_unreclaimable 4\ninactive_file 400000\nunevictable 8192\n");
        Write($"v2{zone}/pids.current", "5\n");
        Write($"v2{zone}/pids.max", "max\n");
        Write($"v2{zone}/cgroup.procs", "");
        Write($"v2{zone}/init.scope/cgroup.procs", "1\n");
        Write($"v2{zone}/system.slice/a\nb .service/cgroup.procs", "2\n3\n");
        Write($"v2{zone}/cpu.pressure", "some avg10=1.50 avg60=0.00 avg300=0.00 total=700\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=40\n");
        CgroupFigures figures = Reader("v2").Read(zone);
        Assert.Equal((7_000_000_000L, 1.5, 300L), (figures.CpuNanoseconds, figures.CpuCap, figures.CpuWeight));
        Assert.Equal([3], figures.Cpus!);
        Assert.Equal((600_000L, 4096L, 8192L, 127L), (figures.MemoryBytes, figures.SwapBytes, figures.LockedBytes, figures.KernelBytes));
        Assert.Equal((256L << 20, (256L << 20) + (1 << 20)), (figures.MemoryCap, figures.VirtualCap));
        Assert.Equal((3L, 5L, null), (figures.Processes, figures.Threads, figures.ThreadCap));
        Assert.Equal(new Pressure(1.5, 700, 40), figures.CpuPressure);
    }

    [Fact]
    public void What_a_kernel_writes_for_no_limit_is_no_cap()
    {
        Write("memory/z/memory.limit_in_bytes", "9223372036854771712\n");
        Write("memory/z/memory.memsw.limit_in_bytes", "9223372036854771712\n");
        Write("memory/z/cpu.cfs_quota_us", "-1\n");
        Write("memory/z/cpu.cfs_period_us", "100000\n");
        Write("memory/z/pids.max", "max\n");
        CgroupFigures figures = Reader(null, "memory").Read("/z");
        Assert.Equal((null, null, null, null), (figures.MemoryCap, figures.VirtualCap, figures.CpuCap, figures.ThreadCap));
    }

    [Fact]
    public void A_zone_without_cgroups_has_no_figures() => Assert.Equal(new CgroupFigures(), Reader("v2", "memory").Read("/lofizone/gone"));

    [Theory]
    [InlineData("")]
    [InlineData("some\n")]
    [InlineData("some avg10=x total=1\n")]
    [InlineData("full avg10=0.00 total=1\n")]
    public void What_is_no_pressure_file_tells_no_pressure(string text) => Assert.Null(Pressure.Parse(text));

    [Theory]
    [InlineData("0-", null)]
    [InlineData("a", null)]
    [InlineData("3-1", null)]
    [InlineData("0-99999999", null)]
    [InlineData("", null)]
    [InlineData("0-3,8,2", 5)]
    public void Lists_of_CPUs_are_read_and_nothing_else_is(string text, int? count) => Assert.Equal(count, CpuList.Parse(text)?.Count);

    [Fact]
    public void The_count_of_processes_gives_up_at_its_limits()
    {
        string deep = Path.Combine(_root, "deep"), wide = Path.Combine(_root, "wide");
        Directory.CreateDirectory(Path.Combine([deep, .. Enumerable.Repeat("d", CgroupProcesses.DepthLimit)]));
        Assert.Null(CgroupProcesses.Count(deep));
        Directory.Delete(Path.Combine([deep, .. Enumerable.Repeat("d", CgroupProcesses.DepthLimit)]));
        Assert.Equal(0, CgroupProcesses.Count(deep));
        for (int i = 0; i < CgroupProcesses.CgroupLimit; i++)
            Directory.CreateDirectory(Path.Combine(wide, $"{i}"));
        Assert.Null(CgroupProcesses.Count(wide));
        Directory.Delete(Path.Combine(wide, "0"));
        Assert.Equal(0, CgroupProcesses.Count(wide));
        Assert.Null(CgroupProcesses.Count(Path.Combine(_root, "gone")));
    }

    private CgroupReader Reader(string? version2, params string[] version1) =>
        new(new CgroupLayout([.. version1.Select(v => Path.Combine(_root, v))], null, version2 is null ? null : Path.Combine(_root, version2)));

    private void Write(string file, string text)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
