using Lofizone.Interop;
using Lofizone.Lofi;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.User;

/// <summary>A host that was frozen comes back and finds its zone's image in the hands of another host.</summary>
[Collection(Alone.Name)]
public sealed class FencedZoneTests(InstalledZone zone) : IClassFixture<InstalledZone>
{
    private TestHost Host => zone.Host;

    [Fact]
    public async Task A_zone_whose_image_another_host_took_is_stopped_and_every_command_says_so()
    {
        await Host.RunCheckedAsync("boot", "web");
        ProgramRunner programs = new();
        LofiDevices devices = new(Host.Paths, programs, new EngineLauncher(TestHost.ZoneBinary, Host.Paths, programs, TimeProvider.System), TimeProvider.System);
        LofiDevice device = Assert.Single(devices.List());
        string image = $"{zone.Share}/web/root.img";
        await using TestHost other = new();
        Processes.Send(device.Engine!, Signal.Stop);
        try
        {
            // As soon as the lease of the frozen host is over.
            await other.WaitAsync(async () => (await other.RunAsync("lofiadm", "-a", image)).Succeeded, "the image is not let go");
        }
        finally
        {
            Processes.Send(device.Engine!, Signal.Continue);
        }

        // Nobody asks for anything here: the engine finds out by itself, and ends the zone.
        await Host.WaitAsync(async () => await Host.StateAsync("web") == "fenced", "the zone is not fenced");
        ZoneRuntime runtime = new(Host.Paths, programs, TestHost.ZoneBinary, TimeProvider.System);
        await Host.WaitAsync(() => Task.FromResult(runtime.State("web").InitPid <= 0), "its init lives on");
        Assert.Contains("fenced", await Host.RunCheckedAsync("list"), StringComparison.Ordinal);
        string explanation = await Host.RunCheckedAsync("explain", "web");
        Assert.Contains($"host {Environment.MachineName} has owned the image since", explanation, StringComparison.Ordinal);
        Assert.Contains("zone halt web", explanation, StringComparison.Ordinal);
        Assert.Contains("Fenced", await Host.RunCheckedAsync("lofiadm"), StringComparison.Ordinal);

        // It takes no force, and leaves the other host's record alone.
        await Host.RunCheckedAsync("halt", "web");
        Assert.Equal("installed", await Host.StateAsync("web"));
        Assert.Empty(HostTraces.Find(Host.Paths, "web"));
        CommandResult boot = await Host.RunAsync("boot", "web");
        Assert.False(boot.Succeeded);
        Assert.Contains("locked by host", boot.Error, StringComparison.Ordinal);
        await other.RunCheckedAsync("lofiadm", "-d", image);
        await Host.RunCheckedAsync("boot", "web");
        await Host.RunCheckedAsync("halt", "web");
    }
}
