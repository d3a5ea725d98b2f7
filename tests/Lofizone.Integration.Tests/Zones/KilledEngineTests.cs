using System.Globalization;
using Lofizone.Integration.Tests.Devices;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// Engine and keeper of a running zone are killed. Every command answers and reports the loss, and the usual commands bring the zone back.
/// </summary>
public sealed class KilledEngineTests(NfsBed bed) : IClassFixture<NfsBed>
{
    private const string Zone = ZoneBed.Zone;

    public static TheoryData<string> DetachPoints => [.. KillPoints.OfDetach()];

    [Fact]
    public Task A_zone_without_its_engine_is_down_and_explain_says_why_and_what_to_do() => bed.OnInstalledZoneAsync(async host =>
    {
        await BootAndKillEngineAsync(host, freeze: true);
        Assert.Equal("down", await host.StateAsync(Zone));
        string explanation = await host.RunCheckedAsync("explain", Zone);
        Assert.Contains("its engine has ended", explanation, StringComparison.Ordinal);
        Assert.Contains($"zone reboot {Zone}", explanation, StringComparison.Ordinal);
        await host.RunCheckedAsync("reboot", Zone);
        await bed.AssertRunsAsync();
        await bed.HaltAsync();
    });

    [Theory]
    [InlineData("boot")]
    [InlineData("reboot")]
    public Task One_command_brings_the_zone_back_long_before_the_lease_of_the_killed_engine_ends(string verb) => bed.OnInstalledZoneAsync(async host =>
    {
        await BootAndKillEngineAsync(host, freeze: true);
        CommandResult back = await host.RunAsync(verb, Zone);
        Assert.True(back.Succeeded, back.ToString());
        Assert.InRange(back.Took.TotalSeconds, 0, StandInNas.LeaseSeconds / 2);
        await bed.AssertRunsAsync();
        await bed.HaltAsync();
    });

    [Theory]
    [InlineData()]
    [InlineData("--force")]
    public Task A_halt_takes_the_zone_down_and_a_boot_finds_what_was_flushed(params string[] options) => bed.OnInstalledZoneAsync(async host =>
    {
        await BootAndKillEngineAsync(host, freeze: true);
        await host.RunCheckedAsync(["halt", .. options, Zone]);
        await bed.AssertDownAsync();
        await host.RunCheckedAsync("boot", Zone);
        await bed.AssertRunsAsync();
        await bed.HaltAsync();
    });

    [Theory]
    [MemberData(nameof(DetachPoints))]
    public Task A_recovery_killed_anywhere_is_repeated_by_the_next_command(string point) => bed.OnInstalledZoneAsync(async host =>
    {
        await BootAndKillEngineAsync(host, freeze: true);
        CommandResult killed = await host.RunKilledAsync(point, "boot", Zone);
        Assert.True(killed.WasKilled, killed.ToString());
        await bed.AssertCanBeSeenAsync();
        CommandResult boot = await host.RunAsync("boot", Zone);
        Assert.True(boot.Succeeded, boot.ToString());
        Assert.InRange(boot.Took.TotalSeconds, 0, StandInNas.LeaseSeconds / 2);
        await bed.AssertRunsAsync();
        await bed.HaltAsync();
    });

    [Fact]
    public Task Another_host_gets_the_image_as_soon_as_the_zone_without_its_engine_is_halted() => bed.OnInstalledZoneAsync(async host =>
    {
        await BootAndKillEngineAsync(host, freeze: true);
        await host.RunCheckedAsync("halt", Zone);
        await using TestHost other = new();
        string image = $"{bed.Share}/{Zone}/root.img";
        CommandResult attach = await other.RunAsync("lofiadm", "-a", image);
        Assert.True(attach.Succeeded, attach.ToString());
        await other.RunCheckedAsync("lofiadm", "-d", image);
        Assert.Empty(HostTraces.Find(other.Paths));
        await bed.AssertDownAsync();
    });

    [Fact]
    public Task A_zone_that_ends_because_its_engine_was_killed_can_be_booted_at_once() => bed.OnInstalledZoneAsync(async host =>
    {
        await BootAndKillEngineAsync(host, freeze: false);
        await host.RunCheckedAsync("boot", Zone);
        await bed.AssertRunsAsync();
        await bed.HaltAsync();
    });

    /// <summary>Boots the zone and kills its engine with its keeper.</summary>
    /// <param name="host">The host.</param>
    /// <param name="freeze">
    /// Stop the zone's init first. An init without its root would otherwise end at some time, and the zone would be taken down.
    /// </param>
    private static async Task BootAndKillEngineAsync(TestHost host, bool freeze)
    {
        await host.RunCheckedAsync("boot", Zone);
        if (freeze)
            await FreezeAsync(host);
        await EngineKills.KillBothAsync(host.Devices, Assert.Single(host.Devices.List()), TestContext.Current.CancellationToken);
    }

    private static async Task FreezeAsync(TestHost host)
    {
        await host.WaitAsync(async () => (await host.RunAsync("login", Zone, "--", "/bin/true")).Succeeded, "nobody can log in");
        int init = new ZoneRuntime(host.Paths, new ProgramRunner(), TestHost.Kernel, TestHost.ZoneBinary, TimeProvider.System).State(Zone).InitPid;
        string id = init.ToString(CultureInfo.InvariantCulture);
        await TestProgram.RunAsync("kill", "-STOP", id);
        await host.WaitAsync(async () => (await File.ReadAllTextAsync($"/proc/{id}/stat")).Contains(") T ", StringComparison.Ordinal), "init does not stop");
    }
}
