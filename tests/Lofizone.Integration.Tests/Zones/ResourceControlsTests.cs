using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>Limits of zones, each proved by a program in the zone that wants more, and changed while the zone runs.</summary>
public sealed class ResourceControlsTests : IAsyncLifetime
{
    private const string Idle = "#!/bin/sh\ntrap 'exit 0' USR1 USR2 TERM\nwhile :; do sleep 1000 & wait; done\n";

    /// <summary>Two programs that want all CPUs.</summary>
    private const string Hog = "#!/bin/sh\ntrap 'exit 0' USR1 USR2 TERM\n(while :; do :; done) & (while :; do :; done) &\nwhile :; do sleep 1000 & wait; done\n";

    private readonly TestHost _host = new();
    private readonly TinyZones _zones;

    public ResourceControlsTests() => _zones = new TinyZones(_host);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_program_that_wants_more_memory_than_the_zone_has_is_killed_in_the_zone_and_the_limit_follows_the_live_configuration()
    {
        await _zones.AddAsync("hog", Idle);
        await _host.RunCheckedAsync("set", "hog", "capped-memory.physical=64m", "capped-memory.locked=1m");
        await _host.RunCheckedAsync("boot", "hog");

        Assert.Equal(0, await WantAsync("hog", "32M"));
        Assert.NotEqual(0, await WantAsync("hog", "100M"));
        Assert.Equal("running", await _host.StateAsync("hog"));
        Assert.Contains("Max locked memory         1048576              1048576", await InZoneAsync("hog", "cat", "/proc/self/limits"), StringComparison.Ordinal);

        // The persistent configuration stays, and the live one is what the zone has.
        await ConfigureAsync("hog", "-r", "select capped-memory; set physical=200m; end");
        Assert.Equal(0, await WantAsync("hog", "100M"));
        Assert.Contains("physical: 200m", await ConfigureAsync("hog", "-r", "info capped-memory"), StringComparison.Ordinal);
        Assert.Contains("physical: 64m", await ConfigureAsync("hog", "info capped-memory"), StringComparison.Ordinal);

        Assert.Contains("Would apply capped-memory: physical: 200m -> 64m", await AdminAsync("hog", "apply", "-n"), StringComparison.Ordinal);
        Assert.Equal(0, await WantAsync("hog", "100M"));
        Assert.Contains("Applied capped-memory: physical: 200m -> 64m", await AdminAsync("hog", "apply"), StringComparison.Ordinal);
        Assert.NotEqual(0, await WantAsync("hog", "100M"));
        Assert.Contains("No changes to apply", await AdminAsync("hog", "apply"), StringComparison.Ordinal);

        string said = await _host.RunCheckedAsync("set", "hog", "capped-memory.locked=2m", "capped-memory.physical=");
        Assert.Contains("Applied capped-memory: physical: 64m -> (not set)", said, StringComparison.Ordinal);
        Assert.Contains("Waits for the next boot: capped-memory: locked: 1m -> 2m", said, StringComparison.Ordinal);
        Assert.Equal(0, await WantAsync("hog", "100M"));
        (await _host.RunAsync("zonecfg", "-z", "hog", "-r", "set max-lwps=100; select capped-memory; set locked=4m; end"))
            .AssertFailed("capped-memory: locked: can't be changed while the zone runs");
    }

    [Fact]
    public async Task A_zone_without_limits_has_the_hosts_defaults_and_is_the_first_that_the_kernel_ends()
    {
        await _zones.AddAsync("free", Idle);
        await _host.RunCheckedAsync("boot", "free");
        Assert.Equal(["500", "500"], (await InZoneAsync("free", "cat", "/proc/1/oom_score_adj", "/proc/self/oom_score_adj")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        Assert.InRange(Limit("free", "memory", "memory.limit_in_bytes", "memory.max"), memory / 2, memory * 95 / 100);
        Assert.InRange(Limit("free", "pids", "pids.max", "pids.max"), 1, 16384);
    }

    [Fact]
    public async Task CPU_time_keeps_to_the_cap_and_to_the_shares_and_both_can_be_changed_live()
    {
        await _zones.AddAsync("few", Hog);
        await _zones.AddAsync("many", Hog);
        // On one CPU both compete all the time, whatever else the machine does.
        Directory.CreateDirectory(Path.GetDirectoryName(_host.Paths.Pools)!);
        await File.WriteAllTextAsync(_host.Paths.Pools, "one 0\n");
        await _host.RunCheckedAsync("set", "few", "cpu-shares=10", "pool=one");
        await _host.RunCheckedAsync("set", "many", "cpu-shares=40", "pool=one");
        await _host.RunCheckedAsync("boot", "few");
        await _host.RunCheckedAsync("boot", "many");

        (double few, double many) = await CpuTimesAsync("few", "many");
        Assert.InRange(many / few, 2.5, 6);
        await _host.RunCheckedAsync("set", "few", "cpu-shares=40");
        (few, many) = await CpuTimesAsync("few", "many");
        Assert.InRange(many / few, 0.6, 1.6);

        await _host.RunCheckedAsync("set", "many", "capped-cpu.ncpus=0.2");
        long start = TimeProvider.System.GetTimestamp();
        (_, many) = await CpuTimesAsync("few", "many");
        double elapsed = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        // The zone may have begun and ended in the middle of a period.
        Assert.InRange(many, 0, 0.22 * elapsed + 0.05);
        await _host.RunCheckedAsync("halt", "--force", "few");
        await _host.RunCheckedAsync("halt", "--force", "many");
    }

    [Fact]
    public async Task Threads_end_at_the_limit_which_can_be_raised_live_and_a_limit_beyond_the_hosts_is_refused()
    {
        await _zones.AddAsync("crowd", Idle);
        await _host.RunCheckedAsync("set", "crowd", "max-processes=40", "max-lwps=60");
        await _host.RunCheckedAsync("boot", "crowd");
        Assert.Equal(40, Limit("crowd", "pids", "pids.max", "pids.max"));
        Assert.NotEqual(0, await StartAsync("crowd", 80));
        await _host.RunCheckedAsync("set", "crowd", "max-processes=150", "max-lwps=");
        Assert.Equal(0, await StartAsync("crowd", 80));
        (await _host.RunAsync("set", "crowd", "max-processes=4194304")).AssertFailed("crowd: max-lwps and max-processes: 4194304 threads are more than");
    }

    [Fact]
    public async Task A_zone_has_its_CPUs_for_itself_and_the_global_zone_keeps_one()
    {
        int cpus = Environment.ProcessorCount;
        Assert.SkipWhen(cpus < 2, "one CPU can't be divided");
        await _zones.AddAsync("own", Idle);
        await _zones.AddAsync("rest", Idle);
        await _zones.AddAsync("late", Idle);
        await _host.RunCheckedAsync("boot", "rest");
        Assert.Equal(cpus, await CpusOfAsync("rest"));
        await _host.RunCheckedAsync("set", "own", "dedicated-cpu.ncpus=1");
        await _host.RunCheckedAsync("boot", "own");
        Assert.Equal((1, cpus - 1), (await CpusOfAsync("own"), await CpusOfAsync("rest")));

        await _host.RunCheckedAsync("set", "late", $"dedicated-cpu.ncpus={cpus - 1}");
        (await _host.RunAsync("boot", "late")).AssertFailed($"late: dedicated-cpu: {cpus - 1} CPUs are wanted, and {cpus - 2} are free");
        await _host.RunCheckedAsync("halt", "--force", "own");
        Assert.Equal(cpus, await CpusOfAsync("rest"));

        // A pool is the host's: the zone names it alone.
        (await _host.RunAsync("set", "rest", "pool=batch")).AssertFailed("pool: this host has no pool batch");
        await File.WriteAllTextAsync(_host.Paths.Pools, "# pools of this host\nbatch 0\n");
        await _host.RunCheckedAsync("set", "rest", "pool=batch");
        Assert.Equal(1, await CpusOfAsync("rest"));
        await _host.RunCheckedAsync("set", "rest", "pool=");
        Assert.Equal(cpus, await CpusOfAsync("rest"));
    }

    [Fact]
    public async Task Objects_of_System_V_IPC_end_at_their_limits()
    {
        await _zones.AddWithProgramsAsync("ipc", Idle, "/usr/bin/ipcmk");
        await _host.RunCheckedAsync("set", "ipc", "max-msg-ids=2", "max-sem-ids=1", "max-shm-ids=3", "max-shm-memory=64k");
        await _host.RunCheckedAsync("boot", "ipc");
        Assert.Equal((2, 1, 3), (await MakeAsync("-Q"), await MakeAsync("-S", "1"), await MakeAsync("-M", "4096")));
        await _host.RunCheckedAsync("set", "ipc", "max-msg-ids=4", "max-shm-ids=");
        // 64k are 16 pages, of which 3 are taken.
        Assert.Equal((2, 13), (await MakeAsync("-Q"), await MakeAsync("-M", "4096")));
    }

    /// <summary>Makes objects until the kernel refuses; returns their number.</summary>
    private async Task<int> MakeAsync(params string[] what)
    {
        int made = 0;
        while ((await _host.RunAsync(["login", "ipc", "--", "/usr/bin/ipcmk", .. what])).Succeeded)
            made++;
        return made;
    }

    private async Task<int> CpusOfAsync(string zone) =>
        int.Parse(await InZoneAsync(zone, "/bin/busybox", "nproc"), CultureInfo.InvariantCulture);

    private Task<string> InZoneAsync(string zone, params string[] command) => _host.RunCheckedAsync(["login", zone, "--", .. command]);

    /// <summary>Has a program in the zone fill that much memory; returns its exit code.</summary>
    private async Task<int> WantAsync(string zone, string size) =>
        (await _host.RunAsync("login", zone, "--", "/bin/busybox", "dd", "if=/dev/zero", "of=/dev/null", $"bs={size}", "count=1")).ExitCode;

    private async Task<int> StartAsync(string zone, int number) => (await _host.RunAsync(
        "login", zone, "--", "/bin/sh", "-c",
        $"i=0; while [ $i -lt {number} ]; do sleep 30 & i=$((i+1)); done; jobs -p > /tmp/jobs; for j in $(cat /tmp/jobs); do kill $j; done")).ExitCode;

    private async Task<(double First, double Second)> CpuTimesAsync(string first, string second)
    {
        const double Least = 1;
        (double a, double b) = (CpuSeconds(first), CpuSeconds(second));
        await Wait.UntilAsync(() => CpuSeconds(first) - a + CpuSeconds(second) - b > Least, "the zones get no CPU time", CancellationToken.None);
        return (CpuSeconds(first) - a, CpuSeconds(second) - b);
    }

    private double CpuSeconds(string zone)
    {
        if (Version1("cpuacct") is { } hierarchy)
            return long.Parse(File.ReadAllText(CgroupFile(hierarchy, zone, "cpuacct.usage")), CultureInfo.InvariantCulture) / 1e9;
        string usage = File.ReadLines(CgroupFile(CgroupLayout.OfHost().Version2!, zone, "cpu.stat")).First(l => l.StartsWith("usage_usec", StringComparison.Ordinal));
        return long.Parse(usage.Split(' ')[1], CultureInfo.InvariantCulture) / 1e6;
    }

    private long Limit(string zone, string controller, string version1, string version2) => long.Parse(
        File.ReadAllText(Version1(controller) is { } hierarchy ? CgroupFile(hierarchy, zone, version1) : CgroupFile(CgroupLayout.OfHost().Version2!, zone, version2)),
        CultureInfo.InvariantCulture);

    private string CgroupFile(string hierarchy, string zone, string file) =>
        hierarchy + File.ReadAllText(Path.Combine(_host.Paths.ZoneRun(zone), "runtime/cgroup")) + "/" + file;

    private static string? Version1(string controller) => CgroupLayout.OfHost().Version1.FirstOrDefault(h => h.EndsWith("/" + controller, StringComparison.Ordinal));

    private Task<string> ConfigureAsync(string zone, params string[] arguments) => _host.RunCheckedAsync(["zonecfg", "-z", zone, .. arguments]);

    private Task<string> AdminAsync(string zone, params string[] arguments) => _host.RunCheckedAsync(["zoneadm", "-z", zone, .. arguments]);

}
