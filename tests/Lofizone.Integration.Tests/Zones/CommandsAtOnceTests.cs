using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>Several commands at the same time on one zone, and several hosts on one image.</summary>
public sealed class CommandsAtOnceTests(NfsBed bed) : IClassFixture<NfsBed>
{
    private const string Zone = ZoneBed.Zone;

    [Fact]
    public Task Of_two_boots_at_once_one_boots_and_the_other_says_that_it_is_booted() => bed.OnInstalledZoneAsync(async host =>
    {
        CommandResult[] boots = await Task.WhenAll(host.RunAsync("boot", Zone), host.RunAsync("boot", Zone));
        Assert.Single(boots, b => b.Succeeded);
        Assert.Contains("already booted", Assert.Single(boots, b => !b.Succeeded).Error, StringComparison.Ordinal);
        await bed.AssertRunsAsync();
        Assert.Single(HostTraces.Find(host.Paths), t => t.StartsWith("loop device", StringComparison.Ordinal));
        await bed.HaltAsync();
    });

    [Fact]
    public Task A_boot_and_a_halt_at_once_are_done_one_after_the_other() => bed.OnInstalledZoneAsync(async host =>
    {
        await host.RunCheckedAsync("boot", Zone);
        CommandResult[] both = await Task.WhenAll(host.RunAsync("halt", Zone), host.RunAsync("boot", Zone));
        Assert.True(both[0].Succeeded, both[0].ToString());
        await host.WaitUntilSettledAsync(Zone);
        if (both[1].Succeeded)
        {
            await bed.AssertRunsAsync();
            await bed.HaltAsync();
        }
        else
        {
            Assert.Contains("already booted", both[1].Error, StringComparison.Ordinal);
        }

        await bed.AssertDownAsync();
    });

    [Fact]
    public Task Of_two_creates_at_once_one_makes_the_zone() => bed.OnEmptyHostAsync(async host =>
    {
        CommandResult[] creates = await Task.WhenAll(bed.CreateAsync(), bed.CreateAsync());
        Assert.Single(creates, c => c.Succeeded);
        Assert.Contains("exists already", Assert.Single(creates, c => !c.Succeeded).Error, StringComparison.Ordinal);
        Assert.Equal("installed", await host.StateAsync(Zone));
        await bed.AssertDownAsync();
        await bed.DeleteAsync();
    });

    [Fact]
    public Task The_image_of_a_running_zone_is_refused_to_another_host_which_learns_whose_it_is() => bed.OnInstalledZoneAsync(async host =>
    {
        await host.RunCheckedAsync("boot", Zone);
        await using TestHost other = new();
        string image = $"{bed.Share}/{Zone}/root.img";
        CommandResult attach = await other.RunAsync("lofiadm", "-a", image);
        Assert.False(attach.Succeeded, attach.ToString());
        Assert.Contains($"locked by host {Environment.MachineName}", attach.Error, StringComparison.Ordinal);
        Assert.Empty(HostTraces.Find(other.Paths));
        await bed.AssertRunsAsync();

        await bed.HaltAsync();
        await other.RunCheckedAsync("lofiadm", "-a", image);
        CommandResult boot = await host.RunAsync("boot", Zone);
        Assert.False(boot.Succeeded, boot.ToString());
        Assert.Contains($"locked by host {Environment.MachineName}", boot.Error, StringComparison.Ordinal);
        await bed.AssertDownAsync();
        await other.RunCheckedAsync("lofiadm", "-d", image);
        await host.RunCheckedAsync("boot", Zone);
        await bed.AssertRunsAsync();
        await bed.HaltAsync();
    });
}
