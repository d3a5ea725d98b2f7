using Lofizone.Devices;
using Lofizone.Interop;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>A frozen host comes back, and finds another host in possession of its zone's image.</summary>
[Collection(SilentZones.Name)]
public sealed class FencedZoneTests(InstalledZone zone) : IClassFixture<InstalledZone>
{
    private TestHost Host => zone.Host;

    [Fact]
    public async Task A_zone_whose_image_another_host_took_is_stopped_and_every_command_says_so()
    {
        await Host.RunCheckedAsync("boot", "web");
        LofiDevice device = Assert.Single(Host.Devices.List());
        string image = $"{zone.Share}/web/root.img";
        await using TestHost other = new();
        Processes.Send(device.Engine!, Signal.Stop);
        try
        {
            // The other host gets the image when the frozen host's lease is over.
            await other.WaitAsync(async () => (await other.RunAsync("lofiadm", "-a", image)).Succeeded, "the image is not let go");
        }
        finally
        {
            Processes.Send(device.Engine!, Signal.Continue);
        }

        // No command runs here: the engine itself finds out, and the zone is ended and taken down.
        await Host.WaitAsync(async () => (await Host.RunCheckedAsync("list")).Contains("taken over by", StringComparison.Ordinal), "the zone is not fenced");
        await Host.WaitForStateAsync("web", "installed");
        await Host.WaitUntilSettledAsync("web");
        Assert.Empty(HostTraces.Find(Host.Paths, "web"));
        Assert.Contains($"taken over by {Environment.MachineName} at ", await Host.RunCheckedAsync("list"), StringComparison.Ordinal);
        Assert.Contains($"taken over by {Environment.MachineName} at ", await Host.RunCheckedAsync("list", "--json"), StringComparison.Ordinal);
        Assert.Contains($"taken over by {Environment.MachineName} at ", await Host.RunCheckedAsync("explain", "web"), StringComparison.Ordinal);

        Assert.Matches(
            $" web: fenced: taken over by {Environment.MachineName} at .*, by the watch of its image\n", await Host.RunCheckedAsync("events", "web"));

        // The host does not change the other host's record.
        CommandResult boot = await Host.RunAsync("boot", "web");
        Assert.False(boot.Succeeded);
        Assert.Contains("locked by host", boot.Error, StringComparison.Ordinal);
        // The host can't remove the other host's files, and the other host still has all of them afterwards.
        (await Host.RunAsync("delete", "-F", "web")).AssertFailed("in use by another host");
        Assert.Equal("installed", await Host.StateAsync("web"));
        Assert.Contains("locked by host", (await Host.RunAsync("boot", "web")).Error, StringComparison.Ordinal);
        await other.RunCheckedAsync("lofiadm", "-d", image);
        await Host.RunCheckedAsync("boot", "web");
        Assert.DoesNotContain("taken over", await Host.RunCheckedAsync("list"), StringComparison.Ordinal);
        await Host.RunCheckedAsync("halt", "web");
    }

    [Fact]
    public async Task A_zone_that_another_host_took_over_is_configured_here_and_nothing_needs_doing_by_hand()
    {
        await Host.RunCheckedAsync("boot", "web");
        LofiDevice device = Assert.Single(Host.Devices.List());
        await using TestHost other = new();
        Processes.Send(device.Engine!, Signal.Stop);
        try
        {
            await other.WaitAsync(async () => (await other.RunAsync("attach", "-F", $"{zone.Share}/web")).Succeeded, "the zone is not let go");
        }
        finally
        {
            Processes.Send(device.Engine!, Signal.Continue);
        }

        await Host.WaitForStateAsync("web", "configured");
        await Host.WaitUntilSettledAsync("web");
        Assert.Empty(HostTraces.Find(Host.Paths, "web"));
        Assert.Contains("taken over by", await Host.RunCheckedAsync("list"), StringComparison.Ordinal);
        (await Host.RunAsync("boot", "web")).AssertRefused("can't be booted: taken over by", "zone list --share");
        (await Host.RunAsync("attach", "web")).AssertRefused($"is installed on host {Environment.MachineName} since", "zone takeover nfs://");

        await other.RunCheckedAsync("boot", "web");
        await other.RunCheckedAsync("halt", "web");
        await other.RunCheckedAsync("detach", "web");
        await Host.RunCheckedAsync("attach", "web");
        await Host.RunCheckedAsync("boot", "web");
        await Host.RunCheckedAsync("halt", "web");
    }
}
