using Lofizone.Devices;
using Lofizone.Images;
using Lofizone.Integration.Tests.Devices;
using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Integration.Tests.Images;

/// <summary>Real mkfs, fsck and kernel mounts on real loop devices.</summary>
[Collection(Alone.Name)]
public sealed class ImageFileSystemTests : IAsyncDisposable
{
    private const long Mebibyte = 1 << 20;

    private readonly LofiHost _host = new();

    private ImageFileSystem FileSystems => new(_host.Programs);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("ext4", 16)]
    [InlineData("xfs", 300)]
    [InlineData("btrfs", 109)]
    public async Task A_file_system_on_the_smallest_image_for_its_type_is_made_recognised_checked_and_mounted(string type, long mebibytes)
    {
        ShareUri image = _host.MakeImage(bytes: mebibytes * Mebibyte);
        LofiDevice device = await _host.AttachAsync(image);
        await FileSystems.MakeAsync(device.Link, type, SilentReporter.Instance, Cancellation);

        FileSystemIdentity identity = ImageFileSystem.Identify(device.LoopDevice)!;
        Assert.Equal(type, identity.Type);
        Assert.InRange(identity.SizeBytes, 1, device.SizeBytes);
        Assert.Equal(identity, ImageFileSystem.Identify(image.Path));
        string uuid = (await _host.RunAsync("blkid", "-p", "-o", "value", "-s", "UUID", device.LoopDevice)).Output.Trim();
        Assert.Equal(uuid, identity.Uuid.ToString());
        Assert.Equal(CheckOutcome.Clean, await FileSystems.CheckAsync(device.Link, type, Cancellation));

        string mountPoint = Directory.CreateDirectory(Path.Combine(_host.Paths.Root, "mnt")).FullName;
        Mount.Attach(device.Link, mountPoint, type, MountFlags.None);
        LofizoneException busy = await Assert.ThrowsAsync<LofizoneException>(() => _host.DetachAsync(device));
        Assert.Contains($"mounted at {mountPoint}", busy.Message, StringComparison.Ordinal);
        busy = await Assert.ThrowsAsync<LofizoneException>(() => FileSystems.MakeAsync(device.Link, type, SilentReporter.Instance, Cancellation));
        Assert.Contains($"mounted at {mountPoint}", busy.Message, StringComparison.Ordinal);
        await LofiHost.UnmountAsync(mountPoint);
        await _host.DetachLastAsync(device);
    }

    [Theory]
    [InlineData("ext4", 16)]
    [InlineData("xfs", 300)]
    [InlineData("btrfs", 109)]
    public async Task A_device_below_the_minimum_is_refused_with_the_minimum(string type, long mebibytes)
    {
        LofiDevice device = await _host.AttachAsync(_host.MakeImage(bytes: (mebibytes * Mebibyte) - 4096));
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => FileSystems.MakeAsync(device.Link, type, SilentReporter.Instance, Cancellation));
        Assert.EndsWith($"is too small for {type}, which needs {mebibytes}.0 MiB", error.Message, StringComparison.Ordinal);
        Assert.Null(ImageFileSystem.Identify(device.Link));
    }

    [Fact]
    public async Task An_unknown_type_is_refused_with_the_known_ones()
    {
        LofiDevice device = await _host.AttachAsync(_host.MakeImage());
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => FileSystems.MakeAsync(device.Link, "ufs", SilentReporter.Instance, Cancellation));
        Assert.Equal("choose one of: ext4, xfs, btrfs", error.Advice);
    }

    [Fact]
    public async Task An_image_without_a_file_system_is_named_so_and_newfs_advised()
    {
        LofiDevice device = await _host.AttachAsync(_host.MakeImage());
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => FileSystems.CheckAsync(device.Link, "ext4", Cancellation));
        Assert.Equal($"{device.Link}: there is no file system in this image", error.Message);
        Assert.Contains($"newfs -T ext4 {device.Link}", error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_file_system_than_configured_is_named()
    {
        LofiDevice device = await _host.AttachAsync(_host.MakeImage(bytes: 128 * Mebibyte));
        await FileSystems.MakeAsync(device.Link, "btrfs", SilentReporter.Instance, Cancellation);
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => FileSystems.CheckAsync(device.Link, "ext4", Cancellation));
        Assert.Equal($"{device.Link}: the image holds btrfs, not ext4", error.Message);
    }

    [Theory]
    [InlineData("ext4", 64)]
    [InlineData("xfs", 320)]
    [InlineData("btrfs", 128)]
    public async Task An_image_whose_end_was_cut_off_is_refused_with_both_sizes(string type, long mebibytes)
    {
        ShareUri image = _host.MakeImage(bytes: mebibytes * Mebibyte);
        LofiDevice device = await _host.AttachAsync(image);
        await FileSystems.MakeAsync(device.Link, type, SilentReporter.Instance, Cancellation);
        long size = ImageFileSystem.Identify(device.Link)!.SizeBytes;
        await _host.DetachAsync(device);
        using (FileDescriptor file = Files.Open(image.Path, OpenFlags.ReadWrite))
            FileContent.SetLength(file, size / 2);

        LofiDevice cut = await _host.AttachAsync(image);
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => FileSystems.CheckAsync(cut.Link, type, Cancellation));
        Assert.StartsWith($"{cut.Link}: its {type} is {size} bytes large, but the image only {size / 2}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"truncate -s {size}", error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_that_needs_no_answers_is_corrected_and_other_damage_is_left_to_a_person()
    {
        LofiDevice device = await _host.AttachAsync(_host.MakeImage());
        await FileSystems.MakeAsync(device.Link, "ext4", SilentReporter.Instance, Cancellation);
        await _host.RunAsync("debugfs", "-w", "-R", "set_super_value state 2", device.LoopDevice);
        await _host.RunAsync("debugfs", "-w", "-R", "set_super_value free_blocks_count 1", device.LoopDevice);
        Assert.Equal(CheckOutcome.Corrected, await FileSystems.CheckAsync(device.Link, "ext4", Cancellation));
        Assert.Equal(CheckOutcome.Clean, await FileSystems.CheckAsync(device.Link, "ext4", Cancellation));

        // The root directory is not a directory, so e2fsck -p stops and asks for a person.
        await _host.RunAsync("debugfs", "-w", "-R", "set_inode_field <2> mode 0100644", device.LoopDevice);
        await _host.RunAsync("debugfs", "-w", "-R", "set_super_value state 2", device.LoopDevice);
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => FileSystems.CheckAsync(device.Link, "ext4", Cancellation));
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
        Assert.Contains($"e2fsck -f {device.Link}", error.Advice, StringComparison.Ordinal);
    }
}
