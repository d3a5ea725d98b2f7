using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Images;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>A device with two paths to its server. Either path may fail under load without an effect on the device's users.</summary>
[Collection(SilentDevices.Name)]
public sealed class TwoLinksTests : IAsyncLifetime
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private readonly LofiHost _host = new();
    private readonly TwoLinks _links;
    private GaneshaServer? _server;

    public TwoLinksTests() => _links = new TwoLinks(_host.Programs);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _links.MakeAsync();
        _server = await GaneshaServer.StartAsync(
            new GaneshaOptions { Address = _links.Address(0), BindAddress = "0.0.0.0", NetworkNamespace = _links.Namespace }, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _host.DisposeAsync();
        }
        finally
        {
            if (_server is not null)
                await _server.DisposeAsync();
            await _links.DisposeAsync();
        }
    }

    [Fact]
    public async Task Each_link_is_cut_in_turn_under_verified_writes_and_nothing_fails()
    {
        ShareUri image = ShareUri.Parse($"nfs://{At(_links.Address(1))},{At(_links.Address(0))}{_server!.PseudoPath}").Below("web.img");
        await MakeFile.MakeAsync(Share.OpenAsync, image, 64 << 20, sparse: true, SilentReporter.Instance, Cancellation);
        LofiDevice device = await _host.AttachAsync(image);
        await SeenAsync(device, 0, up: true);
        await SeenAsync(device, 1, up: true);

        Task<ProgramResult> load = _host.RunAsync(
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

        EngineStatus status = (await _host.Devices.StatusAsync(device, _limit, Cancellation))!;
        Assert.Equal((false, 0), (status.Fenced, status.SessionsLost));
        Assert.Equal("held", status.LockState);
        await _host.DetachAsync(device);
        _host.AssertNothingLeft();
    }

    [Fact]
    public async Task Two_servers_given_as_one_are_refused_at_attach_with_both_addresses()
    {
        await using GaneshaServer other = await GaneshaServer.StartAsync(new GaneshaOptions(), Cancellation);
        string good = At(_links.Address(0)), wrong = $"{other.Host}:{other.Port}";
        ShareUri image = ShareUri.Parse($"nfs://{good}{_server!.PseudoPath}").Below("web.img");
        await MakeFile.MakeAsync(Share.OpenAsync, image, 16 << 20, sparse: true, SilentReporter.Instance, Cancellation);
        ShareUri both = ShareUri.Parse($"nfs://{good},{wrong}{_server.PseudoPath}/web.img");
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => _host.AttachAsync(both));
        Assert.Contains("different servers", error.Message, StringComparison.Ordinal);
        Assert.Contains(good, error.Message, StringComparison.Ordinal);
        Assert.Contains(wrong, error.Message, StringComparison.Ordinal);
        _host.AssertNothingLeft();
    }

    private string At(string address) => $"{address}:{_server!.Port}";

    /// <summary>Waits until the engine shows the path over this link as up or down.</summary>
    private Task SeenAsync(LofiDevice device, int link, bool up) => Wait.UntilAsync(
        async () => (await _host.Devices.StatusAsync(device, _limit, Cancellation))?.Paths
            .Single(path => path.Address == At(_links.Address(link))).Connected == up,
        $"link {link} is not seen {(up ? "up" : "down")}", Cancellation);
}
