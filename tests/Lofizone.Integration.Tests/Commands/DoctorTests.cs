using System.Text.Json;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>
/// Every reason why an image can't be mounted, on real images. Each reason is named with the command that repairs it, and the image stays
/// unchanged.
/// </summary>
public sealed class DoctorTests : IAsyncDisposable
{
    private readonly TestHost _host = new();

    public DoctorTests() => Directory.CreateDirectory(Path.GetDirectoryName(Image)!);

    private string Image => Path.Combine(_host.Root, "share", "disk.img");

    private string Uri => "dir:" + Image;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("ext4", 64)]
    [InlineData("xfs", 300)]
    public async Task A_sound_image_is_found_sound(string type, int mebibytes)
    {
        await MakeAsync(mebibytes, "-T", type);
        CommandResult end = await ExamineAsync();
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains($"file system {type}", end.Output, StringComparison.Ordinal);
        Assert.Contains("this kernel can mount it", end.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("->", end.Output, StringComparison.Ordinal);
        end = await _host.RunAsync("doctor", "--full", Uri);
        Assert.Contains("finds no damage", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_file_system_and_the_command_that_makes_one()
    {
        await _host.RunCheckedAsync("mkfile", "-n", "64m", Image);
        await FaultAsync("there is no file system in this image", $"DEVICE=$(lofiadm -a {Uri}) && newfs -T ext4 $DEVICE");
    }

    [Theory]
    [InlineData("swap")]
    [InlineData("qcow2")]
    [InlineData("gzip")]
    [InlineData("partitions")]
    public async Task Something_else_than_a_file_system_is_named(string what)
    {
        await _host.RunCheckedAsync("mkfile", "-n", "64m", Image);
        switch (what)
        {
            case "swap":
                await TestProgram.RunAsync("mkswap", Image);
                break;
            default:
                (int at, byte[] bytes) = what switch
                {
                    "gzip" => (0, new byte[] { 0x1f, 0x8b, 8 }),
                    "qcow2" => (0, [(byte)'Q', (byte)'F', (byte)'I', 0xfb]),
                    // The first entry of a master boot record (one Linux partition, 1 MiB from the start) and its signature.
                    _ => (446, [0, 0, 0, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1, 0, .. new byte[48], 0x55, 0xaa]),
                };
                await using (FileStream file = File.OpenWrite(Image))
                {
                    file.Position = at;
                    await file.WriteAsync(bytes, Cancellation);
                }

                break;
        }

        await FaultAsync("the image holds", what switch { "swap" => "swap", "partitions" => "partition table (dos)", _ => what });
    }

    [Fact]
    public async Task A_cut_off_image_and_how_long_it_was()
    {
        await MakeAsync(64, "-T", "ext4");
        await TestProgram.RunAsync("truncate", "-s", "32M", Image);
        await FaultAsync("the image's end is missing", "takes 67108864 bytes, the image has 33554432", "truncate -s 67108864 FILE");
    }

    [Fact]
    public async Task An_image_larger_than_its_file_system_may_grow()
    {
        await MakeAsync(64, "-T", "ext4");
        await TestProgram.RunAsync("truncate", "-s", "128M", Image);
        CommandResult end = await ExamineAsync();
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("the last 64.0 MiB of the image are not used", end.Output, StringComparison.Ordinal);
        Assert.Contains("resize2fs $DEVICE", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blocks_smaller_than_the_sectors()
    {
        await _host.RunCheckedAsync("mkfile", "-n", "64m", Image);
        await TestProgram.RunAsync("mkfs.ext4", "-q", "-F", "-b", "1024", Image);
        await FaultAsync("its blocks have 1024 bytes", "sectors of 4096");
    }

    [Fact]
    public async Task A_dirty_journal_is_no_fault_and_stays_as_it_is()
    {
        await MakeAsync(64, "-T", "ext4");
        await SetIncompatibleAsync(0x4);
        byte[] before = await File.ReadAllBytesAsync(Image, Cancellation);
        CommandResult end = await ExamineAsync();
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("it was not unmounted", end.Output, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Image, Cancellation));
    }

    [Fact]
    public async Task A_feature_that_this_kernel_lacks()
    {
        await MakeAsync(64, "-T", "ext4");
        await SetIncompatibleAsync(0x1000);
        await FaultAsync("this kernel refuses to mount it", "dirdata", "newer kernel");
    }

    [Fact]
    public async Task A_file_system_with_errors()
    {
        await MakeAsync(64, "-T", "ext4");
        await TestProgram.RunAsync("debugfs", "-w", "-R", "set_super_value state 3", Image);
        await FaultAsync("the kernel has met errors in it", "e2fsck -f $DEVICE");
    }

    [Fact]
    public async Task An_image_of_an_odd_size()
    {
        await TestProgram.RunAsync("truncate", "-s", "1000001", Image);
        await FaultAsync("not a multiple of 4096", "truncate -s %4096 FILE");
    }

    [Fact]
    public async Task An_image_owned_elsewhere_and_a_stale_owner()
    {
        await MakeAsync(64, "-T", "ext4");
        await using TestHost other = new();
        await other.RunCheckedAsync("lofiadm", "-a", Uri);
        await FaultAsync("locked by host", "lofiadm -d");
        string note = Image + ".owner.json";
        byte[] written = await File.ReadAllBytesAsync(note, Cancellation);
        await other.RunCheckedAsync("lofiadm", "-d", "/dev/lofi/1");
        await File.WriteAllBytesAsync(note, written, Cancellation);
        CommandResult end = await ExamineAsync();
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("holds no lock any more", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_of_ours_and_JSON()
    {
        await MakeAsync(64, "-T", "ext4");
        await _host.RunCheckedAsync("lofiadm", "-a", Uri);
        CommandResult end = await _host.RunAsync("doctor", "--json", "/dev/lofi/1");
        Assert.True(end.ExitCode == 0, end.ToString());
        using JsonDocument json = JsonDocument.Parse(end.Output);
        Assert.Equal(Uri, json.RootElement.GetProperty("image").GetString());
        Assert.All(json.RootElement.GetProperty("findings").EnumerateArray(), f => Assert.Equal("Ok", f.GetProperty("severity").GetString()));
        await _host.RunCheckedAsync("lofiadm", "-d", "/dev/lofi/1");
    }

    [Fact]
    public async Task Targets_that_are_not_there()
    {
        await FaultAsync("no such");
        (await _host.RunAsync("doctor", "nozone")).AssertRefused("nozone: No such zone configured", "zone list");
        Assert.Equal(1, (await _host.RunAsync("doctor", "/dev/nosuch")).ExitCode);
        CommandResult wrong = await _host.RunAsync("doctor", "nfs://127.0.0.1:1/export/web/root.img");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("127.0.0.1:1", wrong.Output + wrong.Error, StringComparison.Ordinal);
    }

    private async Task MakeAsync(int mebibytes, params string[] newfs)
    {
        await _host.RunCheckedAsync("mkfile", "-n", $"{mebibytes}m", Image);
        await _host.RunCheckedAsync("lofiadm", "-a", Uri);
        await _host.RunCheckedAsync(["newfs", "-y", .. newfs, "/dev/lofi/1"]);
        await _host.RunCheckedAsync("lofiadm", "-d", "/dev/lofi/1");
    }

    /// <summary>
    /// Sets a bit of s_feature_incompat, at 0x60 from the superblock's start. No program makes a feature that no kernel knows.
    /// </summary>
    private async Task SetIncompatibleAsync(uint bit)
    {
        const int At = 1024 + 0x60;
        await TestProgram.RunAsync("tune2fs", "-O", "^metadata_csum", Image);
        byte[] image = await File.ReadAllBytesAsync(Image, Cancellation);
        BitConverter.TryWriteBytes(image.AsSpan(At), BitConverter.ToUInt32(image, At) | bit);
        await File.WriteAllBytesAsync(Image, image, Cancellation);
    }

    private async Task<CommandResult> ExamineAsync()
    {
        CommandResult end = await _host.RunAsync("doctor", Uri);
        Assert.Equal("", await _host.RunCheckedAsync("lofiadm", "-p"));
        return end;
    }

    private async Task FaultAsync(params string[] words)
    {
        CommandResult end = await ExamineAsync();
        Assert.True(end.ExitCode == 1, end.ToString());
        foreach (string word in words)
            Assert.Contains(word, end.Output + end.Error, StringComparison.Ordinal);
    }
}
