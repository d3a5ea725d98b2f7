using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>
/// The findings of <c>zone doctor</c> about a btrfs. The tests run alone, because mkfs.btrfs looks at every loop device of the machine.
/// </summary>
[Collection(Alone.Name)]
public sealed class BtrfsDoctorTests
{
    [Fact]
    public async Task A_sound_image_is_found_sound()
    {
        await using TestHost host = new();
        string image = Path.Combine(Directory.CreateDirectory(Path.Combine(host.Root, "share")).FullName, "disk.img");
        await host.RunCheckedAsync("mkfile", "-n", "128m", image);
        await host.RunCheckedAsync("lofiadm", "-a", "dir:" + image);
        await host.RunCheckedAsync("newfs", "-y", "-T", "btrfs", "/dev/lofi/1");
        await host.RunCheckedAsync("lofiadm", "-d", "/dev/lofi/1");
        string sound = await host.RunCheckedAsync("doctor", "dir:" + image);
        Assert.Contains("file system btrfs", sound, StringComparison.Ordinal);
        Assert.Contains("this kernel can mount it", sound, StringComparison.Ordinal);
        Assert.DoesNotContain("->", sound, StringComparison.Ordinal);
        Assert.Contains("finds no damage", await host.RunCheckedAsync("doctor", "--full", "dir:" + image), StringComparison.Ordinal);
    }
}
