using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Integration.Tests.Devices;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;
using Lofizone.Runtime;
using Lofizone.Testing;

namespace Lofizone.Integration.Tests.Runtime;

public sealed class ContainerTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_zone_boots_runs_commands_and_shuts_down_leaving_nothing()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.MakeZoneAsync("web");
        Assert.Equal(RuntimePhase.Absent, host.Runtime.State("web").Phase);

        await host.Runtime.CloneRootAsync(zone);
        await host.Runtime.CreateAsync(zone);
        Assert.Equal(RuntimePhase.Created, host.Runtime.State("web").Phase);
        await host.Runtime.PlumbNetworkAsync(zone);
        await host.Runtime.StartAsync("web");
        RuntimeState state = host.Runtime.State("web");
        Assert.Equal(RuntimePhase.Running, state.Phase);
        Assert.True(state.InitPid > 0 && state.ConmonPid > 0 && state.InitStartTicks > 0);
        // A supervisor in its caller's session would end with the session. The supervisor stays in the caller's cpuset.
        Assert.All(
            (await File.ReadAllLinesAsync($"/proc/{state.ConmonPid}/cgroup")).Where(l => !l.Contains("cpuset", StringComparison.Ordinal)),
            l => Assert.EndsWith($":/lofizone-{host.Paths.Tag}/.conmon-web", l, StringComparison.Ordinal));

        Assert.Equal((7, ""), await host.InZoneAsync("web", "sh", "-c", "exit 7"));
        Assert.Equal(128 + 9, (await host.InZoneAsync("web", "sh", "-c", "kill -9 $$")).Code);
        Assert.Contains("uid=0", (await host.InZoneAsync("web", "id")).Output, StringComparison.Ordinal);

        Assert.Equal(ShutdownOutcome.Clean, await host.Runtime.ShutdownAsync("web", _patience));
        await host.Runtime.DeleteAsync("web");
        await host.Runtime.DeleteAsync("web");
        Assert.Equal(RuntimePhase.Absent, host.Runtime.State("web").Phase);
        Assert.False(Directory.Exists(host.Paths.ZoneRun("web")));
        Assert.DoesNotContain(host.Paths.Run, await File.ReadAllTextAsync("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.All(CgroupLayout.OfHost().All, h => Assert.False(Directory.Exists($"{h}/lofizone-{host.Paths.Tag}/web")));
        Assert.All(CgroupLayout.OfHost().All, h => Assert.False(Directory.Exists($"{h}/lofizone-{host.Paths.Tag}/.conmon-web")));
    }

    [Fact]
    public async Task Owners_on_disk_stay_those_of_the_zone_and_the_host_hands_in_nothing()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.BootZoneAsync("own");

        await host.InZoneAsync("own", "touch", "/made");
        Assert.Equal("0 0", (await host.RunAsync("stat", "-c", "%u %g", Path.Combine(zone.RootDirectory, "made"))).Output.Trim());

        string environment = (await host.InZoneAsync("own", "env")).Output;
        Assert.Equal(["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "USER"], environment.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')[0]).Except(["PWD", "SHLVL"]).Order());
        string init = (await host.InZoneAsync("own", "cat", "/proc/1/environ")).Output;
        Assert.DoesNotContain("LOFIZONE", init, StringComparison.Ordinal);
        // su and sudo work in the zone, although the host trusts no set-uid program and no device node of the zone's file system.
        string root = (await host.InZoneAsync("own", "grep", " / ", "/proc/mounts")).Output;
        Assert.DoesNotContain("nosuid", root, StringComparison.Ordinal);
        Assert.Contains("nodev", root, StringComparison.Ordinal);
        string status = (await host.InZoneAsync("own", "cat", "/proc/self/status")).Output;
        Assert.Matches(@"Seccomp:\s+2", status);
        Assert.DoesNotContain("loop", (await host.InZoneAsync("own", "ls", "/sys/devices/virtual/block")).Output, StringComparison.Ordinal);
        string signals = (await host.InZoneAsync("own", "grep", "SigIgn", "/proc/self/status")).Output;
        Assert.Matches(@"SigIgn:\s+0000000000000000", signals);
    }

    [Fact]
    public async Task No_file_of_the_host_reaches_a_zone_or_changes_its_owner()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.MakeZoneAsync("fds");
        string before = await DevicesOfTheHostAsync(host);
        string devices = (await host.RunAsync("stat", "-c", "%d", "/dev")).Output.Trim();
        await host.BootAsync(zone);

        // The listing has only the zone's own nodes, with which the zone's root may do everything.
        (int code, string output) = await host.InZoneAsync("fds", "sh", "-c", "touch -t 200101010000 /dev/null && chown 5 /dev/zero && chmod 600 /dev/zero && stat -c %d /dev/null");
        Assert.Equal((0, false), (code, output.Trim() == devices));
        int init = host.Runtime.State("fds").InitPid;
        string open = (await host.RunAsync("sh", "-c", $"stat -L -c '%d %N' /proc/{init}/fd/*")).Output;
        Assert.NotEmpty(open);
        Assert.DoesNotContain(open.Split('\n'), l => l.StartsWith(devices + " ", StringComparison.Ordinal));
        await host.Runtime.ShutdownAsync("fds", _patience);
        await host.Runtime.DeleteAsync("fds");

        Assert.Equal(before, await DevicesOfTheHostAsync(host));
    }

    [Fact]
    public async Task A_fork_bomb_ends_at_the_limit_and_the_zone_is_taken_down()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = (await host.MakeZoneAsync("bomb")) with { Controls = new ResourceControls { Tasks = 200 } };
        string init = Path.Combine(zone.RootDirectory, "sbin/init");
        File.Delete(init);
        await File.WriteAllTextAsync(init, "#!/bin/sh\nf() { f & f & }\nwhile :; do f; done\n");
        File.SetUnixFileMode(init, (UnixFileMode)0b111_101_101);
        await host.BootAsync(zone);

        CgroupLayout layout = CgroupLayout.OfHost();
        string hierarchy = layout.Version1.FirstOrDefault(h => h.EndsWith("/pids", StringComparison.Ordinal)) ?? layout.Version2!;
        string events = $"{hierarchy}/lofizone-{host.Paths.Tag}/bomb/pids.events";
        using CancellationTokenSource limit = new(_patience);
        while (await File.ReadAllTextAsync(events, limit.Token) is "max 0\n")
            await Task.Yield();

        // The host can still make processes, and the zone's processes end.
        await host.RunAsync("true");
        await host.Runtime.DeleteAsync("bomb");
        Assert.Equal(RuntimePhase.Absent, host.Runtime.State("bomb").Phase);
    }

    [Theory]
    [InlineData("poweroff", ExitKind.Halted)]
    [InlineData("reboot", ExitKind.Rebooted)]
    public async Task A_zone_that_ends_itself_tells_how_and_runs_the_exit_command(string command, ExitKind expected)
    {
        await using RuntimeHost host = new();
        await host.BootZoneAsync("self");
        using ProcessHandle conmon = ProcessHandle.Open(host.Runtime.State("self").ConmonPid)!;

        await host.InZoneAsync("self", command);
        Assert.True(await conmon.WaitAsync(_patience, CancellationToken.None));

        Assert.Equal(expected, host.Runtime.ReadExit("self")?.Kind);
        Assert.True(File.Exists(Path.Combine(host.Root, "self.exited")));
        Assert.Equal(RuntimePhase.Stopped, host.Runtime.State("self").Phase);
    }

    [Fact]
    public async Task A_zone_whose_supervisor_was_killed_can_be_deleted()
    {
        await using RuntimeHost host = new();
        await host.BootZoneAsync("orphan");
        using (ProcessHandle conmon = ProcessHandle.Open(host.Runtime.State("orphan").ConmonPid)!)
        {
            conmon.Signal(9);
            await conmon.WaitAsync(_patience, CancellationToken.None);
        }

        Assert.Equal(RuntimePhase.Running, host.Runtime.State("orphan").Phase);
        await host.Runtime.DeleteAsync("orphan");
        Assert.Equal(RuntimePhase.Absent, host.Runtime.State("orphan").Phase);
    }

    [Fact]
    public async Task A_zone_that_ignores_the_request_is_killed_at_the_limit()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.MakeZoneAsync("deaf");
        File.Delete(Path.Combine(zone.RootDirectory, "sbin/init"));
        await File.WriteAllTextAsync(Path.Combine(zone.RootDirectory, "sbin/init"), "#!/bin/sh\ntrap '' USR2\nwhile :; do sleep 1000; done\n");
        File.SetUnixFileMode(Path.Combine(zone.RootDirectory, "sbin/init"), (UnixFileMode)0b111_101_101);
        await host.BootAsync(zone);

        Assert.Equal(ShutdownOutcome.Killed, await host.Runtime.ShutdownAsync("deaf", TimeSpan.FromMilliseconds(50)));
        Assert.Equal(RuntimePhase.Stopped, host.Runtime.State("deaf").Phase);
        Assert.Equal(ShutdownOutcome.NotRunning, await host.Runtime.ShutdownAsync("deaf", TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public async Task A_root_without_init_is_refused_in_words()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.MakeZoneAsync("empty");
        File.Delete(Path.Combine(zone.RootDirectory, "sbin/init"));

        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => host.BootAsync(zone));

        Assert.Contains("empty", error.Message, StringComparison.Ordinal);
        Assert.Contains("init", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_step_can_be_the_last_one_before_the_teardown()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.MakeZoneAsync("half");
        Func<Task>[] steps = [() => host.Runtime.CloneRootAsync(zone), () => host.Runtime.CreateAsync(zone), () => host.Runtime.PlumbNetworkAsync(zone), () => host.Runtime.StartAsync("half")];
        for (int last = 0; last <= steps.Length; last++)
        {
            foreach (Func<Task> step in steps[..last])
                await step();
            await host.Runtime.DeleteAsync("half");
            Assert.False(Directory.Exists(host.Paths.ZoneRun("half")));
            Assert.False(Directory.Exists(Path.Combine(host.Paths.CrunRoot, "half")));
        }
    }

    [Fact]
    public async Task A_supervisor_that_waits_for_the_root_of_its_zone_ends_with_the_command_that_has_started_it()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.MakeZoneAsync("early");
        RuntimePaths paths = new(host.Paths, "early");
        ContainerCreation creation = host.Runtime.BeginCreate(zone);
        await Wait.UntilAsync(
            () => RuntimeProcesses.Makers(paths).Any(maker => File.ReadAllText($"/proc/{maker}/cmdline").Split('\0')[1] == Launcher.CreateVerb),
            "the launcher does not wait", Cancellation);

        await creation.DisposeAsync();

        await Wait.UntilAsync(() => !RuntimeProcesses.Makers(paths).Any(), "the supervisor waits on", Cancellation);
        Assert.Equal(0, host.Runtime.State("early").InitPid);
        await host.Runtime.DeleteAsync("early");
        await host.BootAsync(zone);
    }

    [Fact]
    public async Task A_supervisor_killed_while_the_zone_is_being_made_leaves_nothing_after_the_teardown()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.MakeZoneAsync("cut");
        ZoneRuntime cutting = new(host.Paths, new ConmonKiller(host.Paths, "cut"), LofiHost.Kernel, RuntimeHost.ZoneBinary, TimeProvider.System);
        await cutting.CloneRootAsync(zone);

        await Assert.ThrowsAsync<LofizoneException>(() => cutting.CreateAsync(zone));
        await host.Runtime.DeleteAsync("cut");

        Assert.Equal(new RuntimeState(RuntimePhase.Absent, 0, 0, 0), host.Runtime.State("cut"));
        Assert.All(CgroupLayout.OfHost().All, h => Assert.False(Directory.Exists($"{h}/lofizone-{host.Paths.Tag}/cut")));
        Assert.Empty(RuntimeProcesses.Makers(new RuntimePaths(host.Paths, "cut")));
        await host.BootAsync(zone);
        Assert.Equal(RuntimePhase.Running, host.Runtime.State("cut").Phase);
    }

    private static async Task<string> DevicesOfTheHostAsync(RuntimeHost host) =>
        (await host.RunAsync("stat", "-c", "%n %u:%g %a", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx")).Output;

    // conmon's first process ends as soon as the second process runs, which then has crun make the zone.
    private sealed class ConmonKiller(HostPaths paths, string zone) : IProgramRunner
    {
        private readonly ProgramRunner _inner = new();

        public string? Find(string program) => _inner.Find(program);

        public async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation)
        {
            ProgramResult result = await _inner.RunAsync(call, cancellation);
            foreach (int maker in RuntimeProcesses.Makers(new RuntimePaths(paths, zone)))
            {
                if (Path.GetFileName((await File.ReadAllTextAsync($"/proc/{maker}/cmdline", cancellation)).Split('\0')[0]) == "conmon")
                {
                    using ProcessHandle? conmon = ProcessHandle.Open(maker);
                    conmon?.Signal(9);
                }
            }

            return result;
        }
    }
}
