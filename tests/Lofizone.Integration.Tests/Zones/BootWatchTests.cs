using Lofizone.Interop;
using Lofizone.Runtime;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>A boot's watch of the init that it has started, and the zone's state afterwards.</summary>
public sealed class BootWatchTests : IAsyncDisposable
{
    private readonly TestHost _host = new();
    private readonly TinyZones _zones;

    public BootWatchTests() => _zones = new TinyZones(_host);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_zone_whose_init_ends_at_once_is_not_booted_and_the_message_has_its_exit_status_its_last_words_and_the_limit_that_they_name()
    {
        await _zones.AddAsync("dies", "#!/bin/sh\necho first words\necho Failed to allocate manager object: Too many open files\nexit 3\n");

        CommandResult boot = await _host.RunAsync("boot", "dies");

        boot.AssertFailed("dies: its init ended at once: exit status 3", "first words", "Too many open files", "fs.inotify.max_user_instances");
        await _host.WaitUntilSettledAsync("dies");
        Assert.Equal("installed", await _host.StateAsync("dies"));
        Assert.Empty(HostTraces.Find(_host.Paths, "dies"));
        Assert.Contains("zone dies: boot failed: dies: its init ended at once", await _host.ZonesLogAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zone_without_supervisor_is_told_by_list_and_booted_anew_with_a_console_by_boot_and_reboot()
    {
        await _zones.AddAsync("lone", init: null);
        await _host.RunCheckedAsync("boot", "lone");
        foreach (string verb in (string[])["boot", "reboot"])
        {
            int before = _zones.State("lone").InitPid;
            await KillSupervisorAsync("lone");
            Assert.Contains("its supervisor (conmon) has ended", await _host.RunCheckedAsync("list", "-v"), StringComparison.Ordinal);

            await _host.RunCheckedAsync(verb, "lone");

            RuntimeState state = _zones.State("lone");
            Assert.Equal((RuntimePhase.Running, true, true), (state.Phase, state.ConmonPid > 0, state.InitPid != before));
            Assert.DoesNotContain("conmon", await _host.RunCheckedAsync("list", "-v"), StringComparison.Ordinal);
            CommandResult console = await _host.RunAsync("echo it is $((40 + 2)) again\n", [], "console", "lone");
            Assert.True(console.Succeeded, console.ToString());
            await _host.WaitAsync(async () => (await ConsoleLogAsync("lone")).Contains("it is 42 again", StringComparison.Ordinal), "the console is not there");
        }

        await _host.RunCheckedAsync("halt", "lone");
        await _host.WaitUntilSettledAsync("lone");
        Assert.Empty(HostTraces.Find(_host.Paths, "lone"));
    }

    [Fact]
    public async Task A_zone_that_floods_its_console_fills_no_disk_of_the_host()
    {
        const int Flood = 5 * ContainerCreation.ConsoleLogLimitBytes;
        await _zones.AddAsync("loud", $"#!/bin/sh\nyes {new string('a', 500)} | head -c {Flood}\ntouch /flooded\nwhile :; do sleep 1000; done\n");
        await _host.RunCheckedAsync("boot", "loud");

        await _host.WaitAsync(async () => (await _host.RunAsync("login", "loud", "--", "/bin/test", "-e", "/flooded")).Succeeded, "the zone has not written all", TimeSpan.FromMinutes(1));

        long kept = Directory.EnumerateFiles(_host.Paths.Log, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);
        Assert.InRange(kept, 1, 2 * ContainerCreation.ConsoleLogLimitBytes);
        await _host.RunCheckedAsync("halt", "--force", "loud");
    }

    [Fact]
    public async Task A_stop_that_had_to_kill_is_a_warning_that_names_the_zone_to_whoever_waits_and_in_the_log()
    {
        await _zones.AddAsync("deaf", "#!/bin/sh\ntrap '' USR2 TERM INT\nwhile :; do sleep 1000; done\n");
        await _host.RunCheckedAsync("boot", "deaf");

        string said = await _zones.HaltImpatientlyAsync("deaf");

        Assert.Contains("warning: deaf: it did not shut down", said, StringComparison.Ordinal);
        Assert.Contains("warning: zone deaf: it did not shut down", await _host.ZonesLogAsync(), StringComparison.Ordinal);
        await _host.WaitUntilSettledAsync("deaf");
    }

    [Fact]
    public async Task A_zone_that_asks_for_one_reboot_after_the_other_is_told_so_and_a_halt_ends_it()
    {
        await _zones.AddAsync("again", "#!/bin/sh\nexec reboot -f\n");
        await _host.RunCheckedAsync("boot", "again");
        await _host.WaitAsync(async () => (await _host.RunCheckedAsync("list", "-v")).Contains("reboots in a row", StringComparison.Ordinal), "nobody tells of the reboots");

        await _host.RunCheckedAsync("halt", "again");

        await _host.WaitUntilSettledAsync("again");
        Assert.Equal("installed", await _host.StateAsync("again"));
        Assert.DoesNotContain("reboots", await _host.RunCheckedAsync("list", "-v"), StringComparison.Ordinal);
        Assert.Contains(" zone again: its init ended: it asked for a reboot", await File.ReadAllTextAsync(Path.Combine(_host.Paths.Log, "again", "settle.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_boot_waits_until_systemd_says_that_the_zone_is_up_and_tells_what_is_in_the_way_when_it_does_not()
    {
        // The init is busybox under systemd's name, and the test decides the answers of systemctl.
        const string Said = "/run/said";
        await _zones.AddSystemdAsync(
            "slow",
            $"#!/bin/sh\ncase $1 in\nis-system-running) cat {Said} 2>/dev/null || echo starting;;\nlist-units) echo bad.service loaded failed failed It is bad;;\nlist-jobs) echo 7 late.service start running;;\nesac\n");

        (await _host.RunAsync("boot", "slow", "--wait-limit", "1")).AssertFailed("slow: not up after", "its systemd says starting", "failed: bad.service", "under way: late.service", "it runs on");
        Assert.Equal("running", await _host.StateAsync("slow"));

        await SaysAsync("degraded");
        Assert.Contains("(degraded: failed: bad.service)", await WaitAsync(), StringComparison.Ordinal);
        await SaysAsync("running");
        Assert.Contains("(running)", await WaitAsync(), StringComparison.Ordinal);
        await SaysAsync("maintenance");
        LofizoneException stuck = await Assert.ThrowsAsync<LofizoneException>(WaitAsync);
        Assert.Contains("its start has failed", stuck.Message, StringComparison.Ordinal);
        await SaysAsync("stopping");
        Assert.Contains("ended while it started", (await Assert.ThrowsAsync<LofizoneException>(WaitAsync)).Message, StringComparison.Ordinal);
        await _host.RunCheckedAsync("halt", "--force", "slow");

        Task SaysAsync(string word) => _host.RunCheckedAsync("login", "slow", "--", "/bin/sh", "-c", $"echo {word} > {Said}");
        Task<string> WaitAsync() => _zones.WaitAsync("slow", TimeSpan.FromSeconds(20));
    }

    private async Task KillSupervisorAsync(string zone)
    {
        using ProcessHandle conmon = ProcessHandle.Open(_zones.State(zone).ConmonPid)!;
        conmon.Signal((int)Signal.Kill);
        Assert.True(await conmon.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None));
    }

    private Task<string> ConsoleLogAsync(string zone) => File.ReadAllTextAsync(Path.Combine(_host.Paths.Log, zone, "console.log"));
}
