using System.Globalization;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>Space that is freed in an image is freed on the server (DEALLOCATE, RFC 7862 section 15.4).</summary>
[Collection(LaboratoryCollection.Name)]
public sealed class SpaceTests(Laboratory lab)
{
    private const int WrittenMebibytes = 24;

    [Theory]
    [InlineData("kernel", "ext4")]
    [InlineData("user", "ext4")]
    [InlineData("user", "xfs")]
    [InlineData("user", "btrfs")]
    public async Task Fstrim_in_the_image_shrinks_the_file_on_the_server(string transport, string export)
    {
        string file = $"{export}/trimmed-{transport}.img";
        AttachedImage image = AttachedImage.Of(transport, lab.Alpha, file);
        try
        {
            await image.CreateAsync();
            await image.MountAsync();
            string big = $"{image.MountPoint}/big";
            await image.Host.CheckedAsync($"dd if=/dev/urandom of={big} bs=1M count={WrittenMebibytes} conv=fsync status=none");
            long full = await AllocatedAsync(file);
            await image.Host.CheckedAsync($"rm {big} && sync && fstrim {image.MountPoint}");
            long trimmed = await AllocatedAsync(file);
            Assert.True(full - trimmed >= (WrittenMebibytes - 8L) << 20, $"{full} bytes before, {trimmed} after");
            await image.UnmountAsync();
            await image.CheckAsync();
        }
        finally
        {
            await image.DropAsync();
        }
    }

    private async Task<long> AllocatedAsync(string file) =>
        512 * long.Parse(await lab.Server.CheckedAsync($"sync; stat -c %b /srv/{file}"), CultureInfo.InvariantCulture);
}
