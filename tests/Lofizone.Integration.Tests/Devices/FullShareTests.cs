using System.Security.Cryptography;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Images;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>A device on a server with a small disk. Data that does not fit waits, and trimmed space is given back.</summary>
[Collection(SilentDevices.Name)]
public sealed class FullShareTests : IAsyncLifetime
{
    private const long DiskBytes = 96 << 20;
    private const int BallastBytes = 50 << 20;
    private const int DataBytes = 48 << 20;

    private readonly LofiHost _disk = new();
    private readonly LofiHost _host = new();
    private LofiDevice _diskDevice = null!;
    private GaneshaServer _server = null!;
    private string _export = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ShareUri Image => ShareUri.Parse(_server.Uri).Below("web.img");

    private string Ballast => Path.Combine(_export, "ballast");

    private string ImageOnServer => Path.Combine(_export, "web.img");

    public async ValueTask InitializeAsync()
    {
        _diskDevice = await _disk.AttachAsync(_disk.MakeImage("disk.img", DiskBytes));
        await new ImageFileSystem(_disk.Programs).MakeAsync(_diskDevice.Link, "ext4", SilentReporter.Instance, Cancellation);
        _export = Directory.CreateDirectory(Path.Combine(_disk.Paths.Root, "export")).FullName;
        Mount.Attach(_diskDevice.Link, _export, "ext4", MountFlags.None);
        _server = await GaneshaServer.StartAsync(new GaneshaOptions { ExportDirectory = _export, LeaseSeconds = 5 }, Cancellation);
        await MakeFile.MakeAsync(Share.OpenAsync, Image, DiskBytes, sparse: true, SilentReporter.Instance, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        if (_export.Length > 0)
            Mount.Detach(_export, UnmountFlags.Detach);
        await _disk.DisposeAsync();
    }

    [Fact]
    public async Task What_finds_no_room_waits_is_seen_and_goes_on_when_there_is_room()
    {
        LofiDevice device = await _host.AttachAsync(Image);
        await FillAsync();
        byte[] data = RandomNumberGenerator.GetBytes(DataBytes);
        Task late = Task.Run(() => Write(device, data), Cancellation);
        EngineStatus status = await HeldAsync(device);
        Assert.Contains("no space left on the server", status.HeldBecause, StringComparison.Ordinal);
        Assert.False(late.IsCompleted);
        File.Delete(Ballast);
        await late;
        Assert.Null((await StatusAsync(device)).HeldSince);
        await _host.DetachAsync(device);
        Assert.Equal(data, (await File.ReadAllBytesAsync(ImageOnServer, Cancellation))[..DataBytes]);
    }

    [Fact]
    public async Task A_device_that_waits_for_room_can_be_detached_by_force()
    {
        LofiDevice device = await _host.AttachAsync(Image);
        await FillAsync();
        Task late = Task.Run(() => Write(device, RandomNumberGenerator.GetBytes(DataBytes)), Cancellation);
        await HeldAsync(device);
        await _host.DetachAsync(device, force: true);
        await Assert.ThrowsAsync<LinuxException>(() => late);
        _host.AssertNothingLeft();
    }

    [Fact]
    public async Task What_a_file_system_trims_is_given_back_on_the_server()
    {
        LofiDevice device = await _host.AttachAsync(Image);
        await new ImageFileSystem(_host.Programs).MakeAsync(device.Link, "ext4", SilentReporter.Instance, Cancellation);
        string mountPoint = Directory.CreateDirectory(Path.Combine(_host.Paths.Root, "mnt")).FullName;
        Mount.Attach(device.Link, mountPoint, "ext4", MountFlags.None);
        try
        {
            string file = Path.Combine(mountPoint, "data");
            await File.WriteAllBytesAsync(file, RandomNumberGenerator.GetBytes(DataBytes / 2), Cancellation);
            using (FileDescriptor open = Files.Open(file, OpenFlags.ReadWrite))
                FileContent.Sync(open);
            long before = FileStatus.At(ImageOnServer)!.AllocatedBytes;
            File.Delete(file);
            using (FileDescriptor directory = Files.Open(mountPoint, OpenFlags.ReadOnly | OpenFlags.Directory))
                FileContent.Sync(directory);
            ProgramResult trim = await _host.Programs.RunAsync(new ProgramCall("fstrim", mountPoint), Cancellation);
            Assert.True(trim.ExitCode == 0, trim.Error);
            Assert.InRange(FileStatus.At(ImageOnServer)!.AllocatedBytes, 0, before - DataBytes / 2 + (1 << 20));
        }
        finally
        {
            await LofiHost.UnmountAsync(mountPoint);
        }
        await _host.DetachAsync(device);
    }

    private Task FillAsync() => File.WriteAllBytesAsync(Ballast, RandomNumberGenerator.GetBytes(BallastBytes), Cancellation);

    private static void Write(LofiDevice device, byte[] data)
    {
        using FileDescriptor open = Files.Open(device.LoopDevice, OpenFlags.ReadWrite);
        FileContent.Write(open, data, 0);
        FileContent.Sync(open);
    }

    private async Task<EngineStatus> StatusAsync(LofiDevice device) => (await _host.Devices.StatusAsync(device, TimeSpan.FromSeconds(10), Cancellation))!;

    private async Task<EngineStatus> HeldAsync(LofiDevice device)
    {
        EngineStatus? held = null;
        await Wait.UntilAsync(async () => (held = await StatusAsync(device)).HeldSince is not null, "nothing is held", Cancellation);
        return held!;
    }
}
