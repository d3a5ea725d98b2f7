using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Images;
using Lofizone.Interop;
using Lofizone.Shares;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>A throw-away host, and an image of its own on a real NFS server.</summary>
/// <param name="options">The server's options.</param>
/// <param name="imageBytes">Size of the image.</param>
public abstract class NfsDeviceBed(GaneshaOptions options, long imageBytes) : IAsyncLifetime
{
    private GaneshaServer? _server;

    /// <summary>The server's options. A class may change them before <see cref="InitializeAsync"/> starts the server.</summary>
    protected GaneshaOptions Options { get; set; } = options;

    protected LofiHost Host { get; } = new();

    protected GaneshaServer Server => _server ?? throw new InvalidOperationException("the server has not been started");

    protected ShareUri Image => ShareUri.Parse(Server.Uri).Below("web.img");

    protected string ImageOnServer => Path.Combine(Server.ExportDirectory, "web.img");

    protected string MountPoint => Directory.CreateDirectory(Path.Combine(Host.Paths.Root, "mnt")).FullName;

    public virtual async ValueTask InitializeAsync()
    {
        _server = await GaneshaServer.StartAsync(Options, Cancellation);
        await MakeFile.MakeAsync(Share.OpenAsync, Image, imageBytes, sparse: true, SilentReporter.Instance, Cancellation);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Host.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>The engine's report. The engine must answer.</summary>
    protected async Task<EngineStatus> StatusAsync(LofiDevice device) => (await Host.Devices.StatusAsync(device, Wait.Limit, Cancellation))!;

    /// <summary>Writes to the device and flushes it.</summary>
    protected static void Write(LofiDevice device, byte[] data, long offset = 0)
    {
        using FileDescriptor open = Files.Open(device.LoopDevice, OpenFlags.ReadWrite);
        FileContent.Write(open, data, offset);
        FileContent.Sync(open);
    }

    /// <summary>Runs an action while the device's file system is mounted. Makes the file system first if there is none.</summary>
    protected async Task WithFileSystemAsync(LofiDevice device, bool make, Func<Task> action)
    {
        ImageFileSystem fileSystems = new(Host.Programs);
        if (make)
            await fileSystems.MakeAsync(device.Link, "ext4", SilentReporter.Instance, Cancellation);
        await fileSystems.CheckAsync(device.Link, "ext4", Cancellation);
        Mount.Attach(device.Link, MountPoint, "ext4", MountFlags.None);
        try
        {
            await action();
        }
        finally
        {
            await LofiHost.UnmountAsync(MountPoint);
        }
    }
}
