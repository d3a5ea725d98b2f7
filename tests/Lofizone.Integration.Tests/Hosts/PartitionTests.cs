using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Integration.Tests.Devices;
using Lofizone.Interop;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>
/// An owner's link is cut while many of the owner's writes are in flight, and heals before or after another host has taken the image.
/// </summary>
[Collection(SilentDevices.Name)]
public sealed class PartitionTests : IAsyncLifetime
{
    private const int Blocks = 4096;
    private const int Half = Blocks / 2;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private LinkedHosts _hosts = null!;

    public async ValueTask InitializeAsync() => _hosts = await LinkedHosts.StartAsync();

    public ValueTask DisposeAsync() => _hosts.DisposeAsync();

    /// <summary>All three cases run at the same time, because each waits for a lease.</summary>
    [Fact]
    public async Task Not_one_byte_of_an_owner_that_was_cut_off_reaches_the_image_after_another_has_it()
    {
        LinkedHost[] hosts = [await _hosts.AddAsync(), await _hosts.AddAsync(), await _hosts.AddAsync(), await _hosts.AddAsync(), await _hosts.AddAsync(), await _hosts.AddAsync()];
        await Task.WhenAll(
            TakenAsync(hosts[0], hosts[1], "silent", Cut.BothWays, isFrozen: false),
            TakenAsync(hosts[2], hosts[3], "half-heard", Cut.AnswersOnly, isFrozen: false),
            TakenAsync(hosts[4], hosts[5], "late", Cut.BothWays, isFrozen: true));
    }

    [Fact]
    public async Task An_owner_whose_link_heals_before_anybody_has_taken_the_image_goes_on_and_nothing_is_lost()
    {
        LinkedHost a = await _hosts.AddAsync();
        (string image, string file) = _hosts.MakeImage("kept", Blocks);
        LofiDevice device = await a.AttachAsync(image);
        PatternFile.Fill(device.LoopDevice, 'A', Blocks);
        PatternWriter writer = await PatternWriter.StartAsync(device.LoopDevice, 'A', 0, Blocks);
        await a.CutAsync(Cut.BothWays);
        await ServerLock.EndedAsync(_hosts.Server, $"{_hosts.Server.PseudoPath}/kept", Cancellation);
        await a.HealAsync();
        await writer.AdvanceAsync(Blocks);
        await writer.StopAsync();

        writer.AssertNothingLost(PatternFile.Read(file, Blocks));
        EngineStatus status = await a.StatusAsync(device);
        Assert.Equal(("held", false), (status.LockState, status.Fenced));
        await a.DetachAsync(device);
    }

    /// <summary>A writes and is cut off. B waits until it gets the image, and writes. A comes back. Then every block is checked.</summary>
    /// <param name="a">The owner.</param>
    /// <param name="b">The next owner.</param>
    /// <param name="name">Name of the image.</param>
    /// <param name="cut">The packets that the cut lets through.</param>
    /// <param name="isFrozen">
    /// True: A's engine is frozen, too, with its requests in its kernel's buffers. The kernel sends the requests again when the link has
    /// healed, long after other hosts own the image. A switch or a slow path may deliver requests so late.
    /// </param>
    private async Task TakenAsync(LinkedHost a, LinkedHost b, string name, Cut cut, bool isFrozen)
    {
        (string image, string file) = _hosts.MakeImage(name, Blocks);
        LofiDevice mine = await a.AttachAsync(image);
        PatternFile.Fill(mine.LoopDevice, 'A', Blocks);
        PatternWriter first = await PatternWriter.StartAsync(mine.LoopDevice, 'A', 0, Blocks);
        await a.CutAsync(cut);
        if (isFrozen)
        {
            await a.Host.WaitAsync(async () => await HostNetworks.UnsentBytesAsync(a.Network) > 0, "no request is in flight");
            Processes.Send(mine.Engine!, Signal.Stop);
        }

        LofiDevice theirs = await b.TakeAsync(image);
        BlockPattern?[] taken = PatternFile.Read(theirs.LoopDevice, Blocks);
        first.AssertNothingLost(taken);
        PatternWriter second = await PatternWriter.StartAsync(theirs.LoopDevice, 'B', 0, Half);
        await a.HealAsync();
        if (isFrozen)
        {
            await a.Host.WaitAsync(async () => await HostNetworks.UnsentBytesAsync(a.Network) == 0, "what was in flight is not delivered", _limit);
            await second.AdvanceAsync(Half);
            Processes.Send(mine.Engine!, Signal.Continue);
        }

        await first.AssertFailsAsync();
        await a.FencedAsync(mine);
        await second.AdvanceAsync(Half);
        await second.StopAsync();
        second.AssertNobodyElseWrote(taken, PatternFile.Read(file, Blocks));
        await a.DetachAsync(mine);
        await b.DetachAsync(theirs);
    }
}
