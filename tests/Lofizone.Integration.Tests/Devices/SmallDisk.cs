using Lofizone.Devices;
using Lofizone.Images;
using Lofizone.Interop;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>A small disk with an ext4 and a directory for a server's export, so that the server runs out of room.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly LofiHost _host = new();

    public string Export => Path.Combine(_host.Paths.Root, "export");

    /// <summary>A file that a test fills the disk with.</summary>
    public string Ballast => Path.Combine(Export, "ballast");

    public static async Task<SmallDisk> MakeAsync(long bytes)
    {
        SmallDisk disk = new();
        LofiDevice device = await disk._host.AttachAsync(disk._host.MakeImage(bytes: bytes));
        await new ImageFileSystem(disk._host.Programs).MakeAsync(device.Link, "ext4", SilentReporter.Instance, Cancellation);
        Mount.Attach(device.Link, Directory.CreateDirectory(disk.Export).FullName, "ext4", MountFlags.None);
        return disk;
    }

    /// <summary>Unmounts the disk. The server must have ended.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
