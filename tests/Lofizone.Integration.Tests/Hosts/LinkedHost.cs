using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>A host in a network of its own, with the devices that its user attaches there.</summary>
internal sealed class LinkedHost(string network, HostNetworks networks) : IAsyncDisposable
{
    /// <summary>Limit for a lease to end. A restarted server first waits for its old clients.</summary>
    private static readonly TimeSpan _takeLimit = TimeSpan.FromSeconds(60);

    public TestHost Host { get; } = new(network);

    public string Network => network;

    public Task CutAsync(Cut cut) => networks.CutAsync(network, cut);

    public Task HealAsync() => networks.HealAsync(network);

    public async Task<LofiDevice> AttachAsync(string image)
    {
        await Host.RunCheckedAsync("lofiadm", "-a", image);
        return Assert.Single(Host.Devices.List());
    }

    /// <summary>
    /// Attaches as soon as the server gives the image away. Every refusal before that must name an owner, or a server that is away.
    /// </summary>
    public async Task<LofiDevice> TakeAsync(string image, bool serverRestarts = false)
    {
        await Host.WaitAsync(
            async () =>
            {
                CommandResult result = await Host.RunAsync("lofiadm", "-a", image);
                Assert.True(
                    result.Succeeded || result.Error.Contains("locked by host", StringComparison.Ordinal) || (serverRestarts && result.Error.Contains("NFS server", StringComparison.Ordinal)),
                    result.ToString());
                return result.Succeeded;
            },
            $"{image} is not let go",
            _takeLimit);
        return Assert.Single(Host.Devices.List());
    }

    /// <summary>Detaches the only device, and asserts that no trace of it is left.</summary>
    public async Task DetachAsync(LofiDevice device)
    {
        await Host.RunCheckedAsync("lofiadm", "-d", device.Link);
        Assert.Empty(HostTraces.Find(Host.Paths));
    }

    /// <summary>Waits until the host itself has found out that another host owns the image.</summary>
    public Task FencedAsync(LofiDevice device) =>
        Host.WaitAsync(() => Task.FromResult(Host.Devices.Get(device.Number)!.Health == LofiHealth.Fenced), "the old owner does not notice", _takeLimit);

    public async Task<EngineStatus> StatusAsync(LofiDevice device) =>
        (await Host.Devices.StatusAsync(device, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken))!;

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();
}
