using System.Security.Cryptography;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Testing;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>A device on a server with a small disk. Data that does not fit waits, and trimmed space is given back.</summary>
[Collection(SilentDevices.Name)]
public sealed class FullShareTests() : NfsDeviceBed(new GaneshaOptions { LeaseSeconds = 5 }, DiskBytes)
{
    private const long DiskBytes = 96 << 20;
    private const int BallastBytes = 50 << 20;
    private const int DataBytes = 48 << 20;

    private SmallDisk _disk = null!;

    public override async ValueTask InitializeAsync()
    {
        _disk = await SmallDisk.MakeAsync(DiskBytes);
        Options = Options with { ExportDirectory = _disk.Export };
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_disk is not null)
            await _disk.DisposeAsync();
    }

    [Fact]
    public async Task What_finds_no_room_waits_is_seen_and_goes_on_when_there_is_room()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        await FillAsync();
        byte[] data = RandomNumberGenerator.GetBytes(DataBytes);
        Task late = Task.Run(() => Write(device, data), Cancellation);
        EngineStatus status = await HeldAsync(device);
        Assert.Contains("no space left on the server", status.HeldBecause, StringComparison.Ordinal);
        Assert.False(late.IsCompleted);
        File.Delete(_disk.Ballast);
        await late;
        Assert.Null((await StatusAsync(device)).HeldSince);
        await Host.DetachAsync(device);
        Assert.Equal(data, (await File.ReadAllBytesAsync(ImageOnServer, Cancellation))[..DataBytes]);
    }

    [Fact]
    public async Task A_device_that_waits_for_room_can_be_detached_by_force()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        await FillAsync();
        Task late = Task.Run(() => Write(device, RandomNumberGenerator.GetBytes(DataBytes)), Cancellation);
        await HeldAsync(device);
        await Host.DetachAsync(device, force: true);
        await Assert.ThrowsAsync<LinuxException>(() => late);
        Host.AssertNothingLeft();
    }

    [Fact]
    public async Task What_a_file_system_trims_is_given_back_on_the_server()
    {
        LofiDevice device = await Host.AttachAsync(Image);
        await WithFileSystemAsync(device, make: true, async () =>
        {
            string file = Path.Combine(MountPoint, "data");
            await File.WriteAllBytesAsync(file, RandomNumberGenerator.GetBytes(DataBytes / 2), Cancellation);
            using (FileDescriptor open = Files.Open(file, OpenFlags.ReadWrite))
                FileContent.Sync(open);
            long before = FileStatus.At(ImageOnServer)!.AllocatedBytes;
            File.Delete(file);
            using (FileDescriptor directory = Files.Open(MountPoint, OpenFlags.ReadOnly | OpenFlags.Directory))
                FileContent.Sync(directory);
            await Host.RunAsync("fstrim", MountPoint);
            Assert.InRange(FileStatus.At(ImageOnServer)!.AllocatedBytes, 0, before - DataBytes / 2 + (1 << 20));
        });
        await Host.DetachAsync(device);
    }

    private Task FillAsync() => File.WriteAllBytesAsync(_disk.Ballast, RandomNumberGenerator.GetBytes(BallastBytes), Cancellation);

    private async Task<EngineStatus> HeldAsync(LofiDevice device)
    {
        EngineStatus? held = null;
        await Wait.UntilAsync(async () => (held = await StatusAsync(device)).HeldSince is not null, "nothing is held", Cancellation);
        return held!;
    }
}
