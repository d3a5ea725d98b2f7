using Lofizone.Devices;
using Lofizone.Images;
using Lofizone.Integration.Tests.Devices;
using Lofizone.Interop;
using Lofizone.Shares;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// A host with the zone <c>web</c> installed on a directory. A test changes the zone's image as the share's owner or the zone's root could.
/// </summary>
public sealed class ForeignZone : IAsyncLifetime
{
    public TestHost Host { get; } = new();

    public string ZonePath => Path.Combine(Host.Paths.Zones, "web");

    public string Image => Path.Combine(ShareDirectory, "web/root.img");

    private string ShareDirectory => Path.Combine(Host.Root, "share");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(ShareDirectory);
        await Host.RunCheckedAsync("create", "web", "dir:" + ShareDirectory, "--size", "400m");
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    /// <summary>Runs an action in the mounted file system of the halted zone. The zone's root is <c>root</c> in that file system.</summary>
    public async Task ChangeAsync(Action<string> action)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        LofiDevice device = await Host.Devices.AttachAsync(ShareUri.Parse("dir:" + Image), new LofiAttachOptions(), cancellation);
        string point = Directory.CreateDirectory(Path.Combine(Host.Root, "mnt")).FullName;
        await ForeignMount.AttachAsync(LofiHost.Kernel, device.LoopDevice, point, "ext4", cancellation);
        try
        {
            action(point);
        }
        finally
        {
            Mount.Detach(point);
            await Host.Devices.DetachAsync(device, new DetachOptions(), CancellationToken.None);
        }
    }

    /// <summary>Puts a fifo in a file's place for the time of a test.</summary>
    public async Task WithFifoAsync(string path, Func<Task> test)
    {
        await ChangeAsync(point =>
        {
            File.Move($"{point}/root{path}", $"{point}/root{path}.away");
            DescriptorPath.MakeFifo($"{point}/root{path}");
        });
        try
        {
            await test();
        }
        finally
        {
            await ChangeAsync(point => File.Move($"{point}/root{path}.away", $"{point}/root{path}", overwrite: true));
        }
    }
}
