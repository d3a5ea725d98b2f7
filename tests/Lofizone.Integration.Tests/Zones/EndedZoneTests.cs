using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Testing.Hosts;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>Zones that end, or lose their supervisor, without a command of this host.</summary>
public sealed class EndedZoneTests(NfsBed bed) : IClassFixture<NfsBed>
{
    private const string Zone = ZoneBed.Zone;

    [Fact]
    public Task A_zone_that_powers_itself_off_is_installed_again_and_its_image_free_for_other_hosts() => bed.OnInstalledZoneAsync(async host =>
    {
        await host.RunCheckedAsync("boot", Zone);
        await InZoneAsync(host, "poweroff");
        await host.WaitForStateAsync(Zone, "installed");
        await bed.AssertDownAsync();
        await using TestHost other = new();
        string image = $"{bed.Share}/{Zone}/root.img";
        CommandResult attach = await other.RunAsync("lofiadm", "-a", image);
        Assert.True(attach.Succeeded, attach.ToString());
        await other.RunCheckedAsync("lofiadm", "-d", image);
    });

    [Fact]
    public Task A_zone_that_reboots_itself_runs_again() => bed.OnInstalledZoneAsync(async host =>
    {
        await host.RunCheckedAsync("boot", Zone);
        int first = State(host).InitPid;
        await InZoneAsync(host, "reboot");
        await host.WaitAsync(
            async () => State(host) is { Phase: RuntimePhase.Running } state && state.InitPid != first && await host.StateAsync(Zone) == "running",
            "the zone did not come back");
        await host.WaitUntilSettledAsync(Zone);
        await bed.AssertRunsAsync();
        await bed.HaltAsync();
    });

    [Fact]
    public Task A_zone_whose_init_is_killed_is_taken_down() => bed.OnInstalledZoneAsync(async host =>
    {
        await host.RunCheckedAsync("boot", Zone);
        Signals.Send(State(host).InitPid, Signal.Kill);
        await host.WaitForStateAsync(Zone, "installed");
        await bed.AssertDownAsync();
    });

    [Fact]
    public Task A_zone_whose_supervisor_is_killed_runs_on_and_can_be_halted() => bed.OnInstalledZoneAsync(async host =>
    {
        await host.RunCheckedAsync("boot", Zone);
        KillSupervisor(host);
        await bed.AssertCanBeSeenAsync();
        await bed.AssertRunsAsync();
        // The halt is forced, because a systemd whose console is gone waits a second for each line of output there.
        await host.RunCheckedAsync("halt", "--force", Zone);
        await bed.AssertDownAsync();
    });

    [Fact]
    public Task A_zone_that_ends_without_a_supervisor_is_down_and_booted_by_the_next_command() => bed.OnInstalledZoneAsync(async host =>
    {
        await host.RunCheckedAsync("boot", Zone);
        int init = State(host).InitPid;
        KillSupervisor(host);
        Signals.Send(init, Signal.Kill);
        await host.WaitAsync(async () => await host.StateAsync(Zone) == "down", "the zone is not down");
        await bed.AssertCanBeSeenAsync();
        await host.RunCheckedAsync("boot", Zone);
        await bed.AssertRunsAsync();
        await bed.HaltAsync();
    });

    /// <summary>
    /// On a busy host a halt by command may end before the process that conmon starts at a zone's end has left conmon's cgroup.
    /// </summary>
    [Fact]
    public Task What_a_late_notice_of_a_zones_end_was_started_in_is_removed_by_it() => bed.OnInstalledZoneAsync(async host =>
    {
        // The hierarchy of cpuset has no such cgroup.
        foreach (string hierarchy in CgroupLayout.OfHost().All.Where(h => !File.Exists(h + "/cpuset.mems")))
            Directory.CreateDirectory(hierarchy + OwnCgroup.OfSupervisor(host.Paths, Zone).Path);
        await host.RunCheckedAsync(ExitNotice.SettleVerb, host.Root, Zone);
        await bed.AssertDownAsync();
    });

    [Fact]
    public Task A_zone_halted_by_force_leaves_its_image_free_at_once() => bed.OnInstalledZoneAsync(async host =>
    {
        await host.RunCheckedAsync("boot", Zone);
        await host.RunCheckedAsync("halt", "--force", Zone);
        await bed.AssertDownAsync();
        await host.RunCheckedAsync("boot", Zone);
        await bed.AssertRunsAsync();
        await bed.HaltAsync();
    });

    private static RuntimeState State(TestHost host) =>
        new ZoneRuntime(host.Paths, new ProgramRunner(), TestHost.Kernel, TestHost.ZoneBinary, TimeProvider.System).State(Zone);

    private static void KillSupervisor(TestHost host)
    {
        int conmon = State(host).ConmonPid;
        Assert.NotEqual(0, conmon);
        Signals.Send(conmon, Signal.Kill);
    }

    /// <summary>Runs a program in the zone. The zone may end before the command's exit code is known.</summary>
    private static async Task InZoneAsync(TestHost host, string program)
    {
        await host.WaitAsync(async () => (await host.RunAsync("login", Zone, "--", "/bin/sh", "-c", "test -S /run/systemd/private")).Succeeded, "the zone's init does not listen");
        await host.RunAsync("login", Zone, "--", program);
    }
}
