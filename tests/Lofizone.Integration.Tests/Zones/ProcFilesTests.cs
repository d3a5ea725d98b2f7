using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Integration.Tests.Devices;
using Lofizone.Interop;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>The zone's own limits in its /proc, with lxcfs, without it, and with an lxcfs that is frozen or dead.</summary>
public sealed class ProcFilesTests : IAsyncLifetime
{
    private const string Zone = "tiny";
    private const long LimitBytes = 48 << 20;

    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(10);

    private readonly TestHost _host = new();

    public async ValueTask InitializeAsync() => await new TinyZones(_host).AddAsync(Zone, init: null);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_zone_shows_its_own_limits_where_lxcfs_runs_and_boots_in_any_case()
    {
        await StartAsync();
        await _host.RunCheckedAsync("boot", Zone);
        Assert.Equal(7, await LxcfsMountsAsync());
        LimitedCgroup.LimitExisting($"{_host.Paths.Cgroup}/{Zone}", LimitBytes);
        Assert.Equal($"{LimitBytes >> 10}", MemTotal(await InAsync("cat", "/proc/meminfo")));
        Assert.InRange(Seconds(await InAsync("cat", "/proc/uptime")), 0, Seconds(await ReadAsync("/proc/uptime")) - 1);
        if (CgroupLayout.OfHost().Version1.FirstOrDefault(h => File.Exists(h + "/cpuset.cpus")) is { } cpusets)
        {
            await File.WriteAllTextAsync($"{cpusets}{_host.Paths.Cgroup}/{Zone}/cpuset.cpus", "0", TestContext.Current.CancellationToken);
            Assert.Single((await InAsync("cat", "/proc/cpuinfo")).Split('\n'), l => l.StartsWith("processor", StringComparison.Ordinal));
        }

        // When lxcfs dies, its files in a running zone can't be read any more. The zone runs on, and its next boot is one without them.
        await KillAsync();
        CommandResult read = await _host.RunAsync("login", Zone, "--", "sh", "-c", "cat /proc/meminfo; echo alive");
        Assert.Equal((0, "alive\n"), (read.ExitCode, read.Output));
        await _host.RunCheckedAsync("reboot", Zone);
        await AssertHasTheHostsAsync();

        // A frozen lxcfs is not waited for.
        await StopAsync();
        await StartAsync();
        Signals.Send(Pid(), Signal.Stop);
        await _host.RunCheckedAsync("reboot", Zone);
        await AssertHasTheHostsAsync();
        await _host.RunCheckedAsync("halt", Zone);
    }

    private async Task AssertHasTheHostsAsync() =>
        Assert.Equal((MemTotal(await ReadAsync("/proc/meminfo")), 0), (MemTotal(await InAsync("cat", "/proc/meminfo")), await LxcfsMountsAsync()));

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

    private static double Seconds(string uptime) => double.Parse(uptime.Split(' ')[0], CultureInfo.InvariantCulture);

    private static string MemTotal(string text) => text.Split('\n').Single(l => l.StartsWith("MemTotal:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];

    private async Task<int> LxcfsMountsAsync() => (await InAsync("cat", "/proc/mounts")).Split('\n').Count(l => l.Contains("fuse.lxcfs", StringComparison.Ordinal));

    private Task<string> InAsync(params string[] command) => _host.RunCheckedAsync(["login", Zone, "--", .. command]);

    private string PidFile => Path.Combine(_host.Root, "lxcfs.pid");

    private int Pid() => int.Parse(File.ReadAllText(PidFile).Trim(), CultureInfo.InvariantCulture);

    private async Task StartAsync()
    {
        Directory.CreateDirectory(_host.Paths.Lxcfs);
        await TestProgram.RunAsync("sh", "-c", "setsid lxcfs -p \"$0\" \"$1\" </dev/null >\"$0.log\" 2>&1 &", PidFile, _host.Paths.Lxcfs);
        await _host.WaitAsync(() => Task.FromResult(File.Exists(Path.Combine(_host.Paths.Lxcfs, "proc/meminfo")) && File.Exists(PidFile)), "lxcfs does not run");
    }

    private async Task KillAsync()
    {
        using ProcessHandle? lxcfs = ProcessHandle.Open(Pid());
        if (lxcfs is null)
            return;
        lxcfs.Signal((int)Signal.Kill);
        Assert.True(await lxcfs.WaitAsync(_endLimit, CancellationToken.None), "lxcfs does not end");
    }

    private async Task StopAsync()
    {
        if (!File.Exists(PidFile))
            return;
        await KillAsync();
        await TestProgram.TryAsync("umount", "-l", _host.Paths.Lxcfs);
        File.Delete(PidFile);
    }
}
