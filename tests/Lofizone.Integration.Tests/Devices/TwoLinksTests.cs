using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>A device with two paths to its server. Either path may fail under load without an effect on the device's users.</summary>
[Collection(SilentDevices.Name)]
public sealed class TwoLinksTests() : NfsDeviceBed(new GaneshaOptions { BindAddress = "0.0.0.0" }, 64 << 20)
{
    private readonly TwoLinks _links = new();

    public override async ValueTask InitializeAsync()
    {
        await _links.MakeAsync();
        Options = Options with { Address = _links.Address(0), NetworkNamespace = _links.Namespace };
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await base.DisposeAsync();
        }
        finally
        {
            await _links.DisposeAsync();
        }
    }

    [Fact]
    public async Task Each_link_is_cut_in_turn_under_verified_writes_and_nothing_fails()
    {
        ShareUri both = ShareUri.Parse($"nfs://{At(_links.Address(1))},{At(_links.Address(0))}{Server.PseudoPath}/web.img");
        LofiDevice device = await Host.AttachAsync(both);
        await SeenAsync(device, 0, up: true);
        await SeenAsync(device, 1, up: true);

        Task<ProgramResult> load = Host.RunAsync(
            "fio", "--name=verify", "--filename=" + device.LoopDevice, "--direct=1", "--ioengine=libaio", "--iodepth=8", "--rw=randwrite", "--bs=4k",
            "--size=48m", "--rate_iops=1200", "--verify=crc32c", "--do_verify=1", "--verify_fatal=1", "--randseed=1");
        for (int link = 0; link < 2; link++)
        {
            await _links.SetUpAsync(link, up: false);
            await SeenAsync(device, link, up: false);
            await _links.SetUpAsync(link, up: true);
            await SeenAsync(device, link, up: true);
        }
        await _links.DropAnswersAsync(0);
        await SeenAsync(device, 0, up: false);
        await _links.StopDroppingAsync();
        await SeenAsync(device, 0, up: true);
        await load;

        EngineStatus status = await StatusAsync(device);
        Assert.Equal((false, 0), (status.Fenced, status.SessionsLost));
        Assert.Equal("held", status.LockState);
        await Host.DetachLastAsync(device);
    }

    [Fact]
    public async Task Two_servers_given_as_one_are_refused_at_attach_with_both_addresses()
    {
        await using GaneshaServer other = await GaneshaServer.StartAsync(new GaneshaOptions(), Cancellation);
        string good = At(_links.Address(0)), wrong = $"{other.Host}:{other.Port}";
        ShareUri both = ShareUri.Parse($"nfs://{good},{wrong}{Server.PseudoPath}/web.img");
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => Host.AttachAsync(both));
        Assert.Contains("different servers", error.Message, StringComparison.Ordinal);
        Assert.Contains(good, error.Message, StringComparison.Ordinal);
        Assert.Contains(wrong, error.Message, StringComparison.Ordinal);
        Host.AssertNothingLeft();
    }

    private string At(string address) => $"{address}:{Server.Port}";

    /// <summary>Waits until the engine shows the path over this link as up or down.</summary>
    private Task SeenAsync(LofiDevice device, int link, bool up) => Wait.UntilAsync(
        async () => (await Host.Devices.StatusAsync(device, Wait.Limit, Cancellation))?.Paths
            .Single(path => path.Address == At(_links.Address(link))).Connected == up,
        $"link {link} is not seen {(up ? "up" : "down")}", Cancellation);
}
