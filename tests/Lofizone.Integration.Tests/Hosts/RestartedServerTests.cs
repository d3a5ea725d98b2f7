using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>
/// The server is killed and started again in the middle of a takeover. In its grace period the server gives locks back only to the clients
/// that it has recorded as owners. Of two hosts that both want an image, one host has the image before and after.
/// </summary>
[Collection(SilentZones.Name)]
public sealed class RestartedServerTests : IAsyncLifetime
{
    private const int Blocks = 2048;
    private const int Half = Blocks / 2;

    private LinkedHosts _hosts = null!;

    public async ValueTask InitializeAsync() => _hosts = await LinkedHosts.StartAsync();

    public ValueTask DisposeAsync() => _hosts.DisposeAsync();

    /// <summary>One restart serves the three cases, because each waits for a lease and a grace period.</summary>
    [Fact]
    public async Task A_server_that_restarts_during_takeovers_gives_each_image_to_one_host()
    {
        Scenario dead = await StartAsync("dead");
        Scenario back = await StartAsync("back");
        Scenario taken = await StartAsync("taken");

        // When the server dies, the second host has just got one image. The owners of the other images are cut off, and a host waits for
        // one of these images.
        await taken.A.CutAsync(Cut.BothWays);
        LofiDevice theirs = await taken.B.TakeAsync(taken.Image);
        await dead.A.CutAsync(Cut.BothWays);
        await back.A.CutAsync(Cut.BothWays);
        Task<LofiDevice> waiting = dead.B.TakeAsync(dead.Image, serverRestarts: true);
        await _hosts.Server.KillAsync();
        // Both hosts are in touch again before the grace period begins.
        await taken.A.HealAsync();
        await back.A.HealAsync();
        await _hosts.Server.StartAgainAsync(TestContext.Current.CancellationToken);

        await KeepsAsync(back);
        await TakenAsync(taken, theirs);
        LofiDevice late = await waiting;
        await dead.A.HealAsync();
        await TakenAsync(dead, late);
    }

    /// <summary>Asserts that B has the image. A does not come back, and every block is A's last content or B's write.</summary>
    private static async Task TakenAsync(Scenario scenario, LofiDevice theirs)
    {
        BlockPattern?[] taken = PatternFile.Read(theirs.LoopDevice, Blocks);
        scenario.Writer.AssertNothingLost(taken);
        PatternWriter second = await PatternWriter.StartAsync(theirs.LoopDevice, 'B', 0, Half);
        await scenario.Writer.AssertFailsAsync();
        await scenario.A.FencedAsync(scenario.Device);
        await second.AdvanceAsync(Half);
        await second.StopAsync();
        second.AssertNobodyElseWrote(taken, PatternFile.Read(scenario.File, Blocks));
        await scenario.A.DetachAsync(scenario.Device);
        await scenario.B.DetachAsync(theirs);
    }

    /// <summary>
    /// Asserts that A keeps the image. A was in touch with the server in the grace period. A has its image and goes on, and no other host
    /// gets the image.
    /// </summary>
    private static async Task KeepsAsync(Scenario scenario)
    {
        await scenario.Writer.AdvanceAsync(Half);
        CommandResult refused = await scenario.B.Host.RunAsync("lofiadm", "-a", scenario.Image);
        Assert.False(refused.Succeeded);
        Assert.Contains("locked by host", refused.Error, StringComparison.Ordinal);
        await scenario.Writer.StopAsync();
        scenario.Writer.AssertNothingLost(PatternFile.Read(scenario.File, Blocks));
        EngineStatus status = await scenario.A.StatusAsync(scenario.Device);
        Assert.Equal(("held", false), (status.LockState, status.Fenced));
        await scenario.A.DetachAsync(scenario.Device);
    }

    /// <summary>Makes two hosts, and an image that the first host has and writes to.</summary>
    private async Task<Scenario> StartAsync(string name)
    {
        LinkedHost a = await _hosts.AddAsync();
        LinkedHost b = await _hosts.AddAsync();
        (string image, string file) = _hosts.MakeImage(name, Blocks);
        LofiDevice device = await a.AttachAsync(image);
        PatternFile.Fill(device.LoopDevice, 'A', Blocks);
        return new Scenario(a, b, image, file, device, await PatternWriter.StartAsync(device.LoopDevice, 'A', 0, Blocks));
    }

    private sealed record Scenario(LinkedHost A, LinkedHost B, string Image, string File, LofiDevice Device, PatternWriter Writer);
}
