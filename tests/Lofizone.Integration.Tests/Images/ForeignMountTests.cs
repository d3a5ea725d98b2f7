using System.Security.Cryptography;
using Lofizone.Devices;
using Lofizone.Images;
using Lofizone.Integration.Tests.Devices;
using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Integration.Tests.Images;

/// <summary>
/// This host does not obey a superblock's requests. The tests use real file systems on real loop devices, and no kernel meets an error in
/// one.
/// </summary>
[Collection(Alone.Name)]
public sealed class ForeignMountTests : IAsyncDisposable
{
    private const long Mebibyte = 1 << 20;

    private readonly LofiHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("ext4", 64)]
    [InlineData("xfs", 300)]
    [InlineData("btrfs", 128)]
    public async Task No_program_device_set_user_id_bit_or_link_of_an_image_counts_on_the_host_and_a_copy_can_be_mounted_beside_it(string type, long mebibytes)
    {
        LofiDevice device = await MakeAsync("a.img", type, mebibytes);
        string first = MountPoint("first"), second = MountPoint("second");
        await ForeignMount.AttachAsync(LofiHost.Kernel, device.LoopDevice, first, type, Cancellation);
        File.CreateSymbolicLink(Path.Combine(first, "link"), "/etc/passwd");
        LinuxException refused = Assert.Throws<LinuxException>(() => Files.Open(Path.Combine(first, "link"), OpenFlags.ReadOnly));
        Assert.Equal(Errno.ELOOP, refused.Errno);
        MountEntry mount = MountTable.Read().At(first)!;
        Assert.Equal(["nodev", "noexec", "nosuid", "nosymfollow"], mount.Options.Split(',').Where(o => o.StartsWith("no", StringComparison.Ordinal)).Order());
        await LofiHost.UnmountAsync(first);
        Assert.Null(TrialMount.Try(device.LoopDevice, type, first));

        await _host.DetachAsync(device);
        File.Copy(Path.Combine(_host.ShareDirectory, "a.img"), Path.Combine(_host.ShareDirectory, "b.img"));
        device = await _host.AttachAsync(Image("a.img"));
        LofiDevice copy = await _host.AttachAsync(Image("b.img"));
        await ForeignMount.AttachAsync(LofiHost.Kernel, device.LoopDevice, first, type, Cancellation);
        Assert.Null(TrialMount.Try(copy.LoopDevice, type, second));
        await ForeignMount.AttachAsync(LofiHost.Kernel, copy.LoopDevice, second, type, Cancellation);
        await File.WriteAllTextAsync(Path.Combine(second, "mine"), "second", Cancellation);
        Assert.False(File.Exists(Path.Combine(first, "mine")));
    }

    [Fact]
    public async Task An_ext4_that_wants_a_panic_on_errors_becomes_read_only_instead_in_a_trial_too()
    {
        LofiDevice device = await MakeAsync("panic.img", "ext4", 64);
        await _host.RunAsync("tune2fs", "-e", "panic", device.LoopDevice);
        string point = MountPoint("mnt"), seen = "";
        await ForeignMount.AttachAsync(LofiHost.Kernel, device.LoopDevice, point, "ext4", Cancellation);
        Assert.Equal("remount-ro", MountTable.Read().At(point)!.SuperOption("errors"));
        await LofiHost.UnmountAsync(point);

        Assert.Null(TrialMount.Try(device.LoopDevice, "ext4", point, () => seen = File.ReadAllText("/proc/thread-self/mountinfo")));
        MountEntry trial = MountTable.Parse(seen).At(point)!;
        Assert.Equal("remount-ro", trial.SuperOption("errors"));
        Assert.Equal(["nodev", "noexec", "nosuid", "nosymfollow", "ro"], trial.Options.Split(',').Where(o => o != "relatime").Order());
        Assert.NotEqual(device.LoopDevice, trial.Source);
        Assert.DoesNotContain(MountTable.Read().Entries, e => e.Source == trial.Source);
        Assert.Null(LoopDevices.BackingFile(trial.Source));
    }

    [Theory]
    [InlineData("^orphan_file")]
    [InlineData("orphan_file")]
    public async Task A_trial_leaves_the_orphans_of_a_crashed_file_system_as_they_are(string feature)
    {
        LofiDevice device = await MakeAsync("live.img", "ext4", 64, "-O", feature);
        string point = MountPoint("mnt");
        await ForeignMount.AttachAsync(LofiHost.Kernel, device.LoopDevice, point, "ext4", Cancellation);
        string file = Path.Combine(point, "orphan"), crashed = Path.Combine(_host.ShareDirectory, "crashed.img");
        await using (FileStream open = File.Create(file))
        {
            await open.WriteAsync(new byte[Mebibyte], Cancellation);
            File.Delete(file);
            await _host.RunAsync("sync", "-f", point);
            File.Copy(device.File.Path, crashed);
        }

        byte[] before = SHA256.HashData(await File.ReadAllBytesAsync(crashed, Cancellation));
        LofiDevice look = await _host.AttachAsync(Image("crashed.img"));
        Assert.True(ExtSuperblock.Read(look.LoopDevice)!.NeedsRecovery);
        Assert.Null(TrialMount.Try(look.LoopDevice, "ext4", point));
        await _host.DetachAsync(look);
        Assert.Equal(before, SHA256.HashData(await File.ReadAllBytesAsync(crashed, Cancellation)));
    }

    [Theory]
    [InlineData("mount options of its own", "tune2fs", "-E", "mount_opts=journal_path=/dev/vda")]
    [InlineData("journal on another device", "debugfs", "-w", "-R", "set_super_value journal_dev 0x0700")]
    [InlineData("journal on another device", "debugfs", "-w", "-R", "set_super_value journal_inum 0")]
    public async Task An_ext4_whose_superblock_names_something_of_this_host_is_refused(string why, string program, params string[] arguments)
    {
        LofiDevice device = await MakeAsync("names.img", "ext4", 64);
        await _host.RunAsync(program, [.. arguments, device.LoopDevice]);
        string point = MountPoint("mnt");
        LofizoneException refused = await Assert.ThrowsAsync<LofizoneException>(() => ForeignMount.AttachAsync(LofiHost.Kernel, device.LoopDevice, point, "ext4", Cancellation));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Null(MountTable.Read().At(point));
        if (program == "tune2fs")
        {
            await _host.RunAsync("tune2fs", "-E", "mount_opts=", device.LoopDevice);
            await ForeignMount.AttachAsync(LofiHost.Kernel, device.LoopDevice, point, "ext4", Cancellation);
        }
    }

    private ShareUri Image(string name) => ShareUri.Parse("dir:" + Path.Combine(_host.ShareDirectory, name));

    private string MountPoint(string name) => Directory.CreateDirectory(Path.Combine(_host.Paths.Root, name)).FullName;

    private async Task<LofiDevice> MakeAsync(string name, string type, long mebibytes, params string[] options)
    {
        LofiDevice device = await _host.AttachAsync(_host.MakeImage(name, mebibytes * Mebibyte));
        if (options.Length > 0)
            await _host.RunAsync("mkfs." + type, ["-q", "-F", "-b", "4096", .. options, device.LoopDevice]);
        else
            await new ImageFileSystem(_host.Programs).MakeAsync(device.LoopDevice, type, SilentReporter.Instance, Cancellation);
        return device;
    }
}
