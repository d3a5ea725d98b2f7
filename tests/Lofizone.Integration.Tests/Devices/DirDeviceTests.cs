using System.Text.Json;
using Lofizone.Devices;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Shares;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>Devices of images in a directory, with real loop devices and real locks.</summary>
public sealed class DirDeviceTests : IAsyncDisposable
{
    private readonly LofiHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_attached_image_is_a_block_device_of_its_size_with_4_KiB_sectors_and_direct_io()
    {
        ShareUri image = _host.MakeImage();
        LofiDevice device = await _host.AttachAsync(image);

        Assert.Equal((1, Path.Combine(_host.Paths.DevLofi, "1"), "dir", 64L << 20), (device.Number, device.Link, device.Transport, device.SizeBytes));
        Assert.Equal(device.LoopDevice, new FileInfo(device.Link).LinkTarget);
        string sys = "/sys/block/" + Path.GetFileName(device.LoopDevice);
        Assert.Equal(
            ["131072", "4096", "1", "0", image.Path],
            new[] { "size", "queue/logical_block_size", "loop/dio", "loop/autoclear", "loop/backing_file" }.Select(f => File.ReadAllText(Path.Combine(sys, f)).Trim()));
        Assert.Equal(device, Assert.Single(_host.Devices.List()));
        Assert.All(new[] { "1", device.Link, device.LoopDevice, image.Path, image.ToString() }, name => Assert.Equal(device, _host.Devices.Find(name)));

        await _host.DetachLastAsync(device);
    }

    [Fact]
    public async Task A_file_system_on_the_device_is_in_the_image_after_the_detach()
    {
        ShareUri image = _host.MakeImage();
        LofiDevice device = await _host.AttachAsync(image);
        string mountPoint = Directory.CreateDirectory(Path.Combine(_host.Paths.Root, "mnt")).FullName;
        await _host.RunAsync("mkfs.ext4", "-q", "-F", "-b", "4096", device.Link);
        Mount.Attach(device.Link, mountPoint, "ext4", MountFlags.None);
        await File.WriteAllTextAsync(Path.Combine(mountPoint, "hello"), "zone", TestContext.Current.CancellationToken);
        await LofiHost.UnmountAsync(mountPoint);
        await _host.DetachAsync(device);

        LofiDevice again = await _host.AttachAsync(image, 7);
        Assert.Equal(7, again.Number);
        Mount.Attach(again.Link, mountPoint, "ext4", MountFlags.None);
        Assert.Equal("zone", await File.ReadAllTextAsync(Path.Combine(mountPoint, "hello"), TestContext.Current.CancellationToken));
        await LofiHost.UnmountAsync(mountPoint);
        await _host.DetachLastAsync(again);
    }

    [Fact]
    public async Task The_image_is_locked_as_long_as_the_device_is_attached_though_the_process_that_attached_it_is_gone()
    {
        ShareUri image = _host.MakeImage();
        ProgramResult attach = await _host.ProbeAsync("attach", image.ToString());
        Assert.Equal((0, ""), (attach.ExitCode, attach.Error));

        using (FileDescriptor other = Files.Open(image.Path, OpenFlags.ReadWrite))
        {
            Assert.False(OfdLock.TryLock(other));
        }

        await _host.DetachAsync(Assert.Single(_host.Devices.List()));
        using FileDescriptor after = Files.Open(image.Path, OpenFlags.ReadWrite);
        Assert.True(OfdLock.TryLock(after));
    }

    [Fact]
    public async Task Another_host_is_told_who_holds_the_image()
    {
        ShareUri image = _host.MakeImage();
        LofiDevice device = await _host.AttachAsync(image);
        await using LofiHost other = new();

        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => other.AttachAsync(image));
        Assert.StartsWith($"{image}: locked by host {Environment.MachineName} (owner since ", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Advice);
        other.AssertNothingLeft();

        await _host.DetachAsync(device);
        LofiDevice theirs = await other.AttachAsync(image);
        await other.DetachAsync(theirs);
    }

    [Fact]
    public async Task The_owner_note_names_the_host_and_goes_with_the_device()
    {
        ShareUri image = _host.MakeImage("root.img");
        LofiDevice device = await _host.AttachAsync(image);
        string note = Path.Combine(_host.ShareDirectory, "owner.json");
        using (JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(note, TestContext.Current.CancellationToken)))
        {
            Assert.Equal(Environment.MachineName, json.RootElement.GetProperty("host").GetString());
            Assert.Equal(32, json.RootElement.GetProperty("hostId").GetString()!.Length);
        }

        await _host.DetachAsync(device);
        Assert.False(File.Exists(note));
    }

    [Fact]
    public async Task An_image_attached_here_is_refused_with_the_name_of_its_device()
    {
        ShareUri image = _host.MakeImage();
        LofiDevice device = await _host.AttachAsync(image);
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => _host.AttachAsync(image));
        Assert.Equal($"{image}: already attached as {device.Link}", error.Message);
        error = await Assert.ThrowsAsync<LofizoneException>(() => _host.AttachAsync(_host.MakeImage("other.img"), device.Number));
        Assert.Equal($"{device.Link}: in use for {image}", error.Message);
        Assert.Single(_host.Loops());
    }

    [Theory]
    [InlineData("missing.img", "no such file or directory")]
    [InlineData("empty.img", "the file is empty")]
    [InlineData("odd.img", "not a multiple of 4096")]
    [InlineData("directory", "not a regular file")]
    [InlineData("fifo", "not a regular file")]
    [InlineData("link.img", "symbolic link")]
    [InlineData("linked/real.img", "symbolic link")]
    public async Task What_is_no_image_is_refused_and_nothing_changes(string name, string reason)
    {
        _host.MakeImage("empty.img", 0);
        _host.MakeImage("odd.img", 5000);
        Directory.CreateDirectory(Path.Combine(_host.ShareDirectory, "directory"));
        await _host.RunAsync("mkfifo", Path.Combine(_host.ShareDirectory, "fifo"));
        string outside = Directory.CreateDirectory(Path.Combine(_host.Paths.Root, "outside")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(outside, "real.img"), new byte[1 << 20], TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(_host.ShareDirectory, "link.img"), Path.Combine(outside, "real.img"));
        Directory.CreateSymbolicLink(Path.Combine(_host.ShareDirectory, "linked"), outside);

        ShareUri image = ShareUri.Parse("dir:" + Path.Combine(_host.ShareDirectory, name));
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => _host.AttachAsync(image));
        Assert.Contains(image.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        _host.AssertNothingLeft();
    }

    [Fact]
    public async Task A_mounted_device_stays_and_the_message_names_the_mount_point()
    {
        LofiDevice device = await _host.AttachAsync(_host.MakeImage());
        string mountPoint = Directory.CreateDirectory(Path.Combine(_host.Paths.Root, "mnt")).FullName;
        await _host.RunAsync("mkfs.ext4", "-q", "-F", "-b", "4096", device.Link);
        Mount.Attach(device.Link, mountPoint, "ext4", MountFlags.None);

        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => _host.DetachAsync(device));
        Assert.Equal(($"{device.Link}: mounted at {mountPoint}", $"unmount it first: umount {mountPoint}"), (error.Message, error.Advice));
        Assert.Equal(LofiHealth.Ok, Assert.Single(_host.Devices.List()).Health);
        Assert.Equal("0", (await File.ReadAllTextAsync($"/sys/block/{Path.GetFileName(device.LoopDevice)}/loop/autoclear", TestContext.Current.CancellationToken)).Trim());
    }

    [Fact]
    public async Task A_loop_device_taken_away_by_somebody_else_is_seen_and_cleaned_up()
    {
        LofiDevice device = await _host.AttachAsync(_host.MakeImage());
        await _host.RunAsync("losetup", "-d", device.LoopDevice);
        Assert.Equal(LofiHealth.LoopGone, Assert.Single(_host.Devices.List()).Health);
        RecoverResult result = Assert.Single(await _host.Devices.RecoverAsync(TestContext.Current.CancellationToken));
        Assert.Equal(RecoverOutcome.Cleaned, result.Outcome);
        Assert.Empty(_host.Devices.List());
    }
}
