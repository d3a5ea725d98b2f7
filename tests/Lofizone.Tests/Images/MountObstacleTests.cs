using System.Buffers.Binary;
using Lofizone.Images;

namespace Lofizone.Tests.Images;

public sealed class MountObstacleTests : IDisposable
{
    private readonly string _mounted = Directory.CreateTempSubdirectory("lofizone-btrfs-").FullName;
    private readonly Guid _uuid = Guid.NewGuid();

    public void Dispose() => Directory.Delete(_mounted, recursive: true);

    [Fact]
    public void A_btrfs_of_several_devices_is_refused()
    {
        Assert.Contains("over 2 devices", Find(devices: 2)!.What, StringComparison.Ordinal);
        Assert.Null(Find(devices: 1));
    }

    [Fact]
    public void A_btrfs_with_the_UUID_of_one_that_is_mounted_is_refused_by_the_other_device_where_the_kernel_would_mix_them_up()
    {
        string devices = Path.Combine(_mounted, _uuid.ToString(), "devices");
        Directory.CreateDirectory(Path.Combine(devices, "loop1"));
        Assert.Null(Find(devices: 1));
        Directory.CreateDirectory(Path.Combine(devices, "loop7"));
        MountObstacle? found = Find(devices: 1);
        Assert.Contains("/dev/loop7", found!.What, StringComparison.Ordinal);
        Assert.Contains("btrfstune -u", found.Mend, StringComparison.Ordinal);

        Directory.CreateDirectory(Path.Combine(_mounted, "features"));
        File.WriteAllText(Path.Combine(_mounted, "features/temp_fsid"), "");
        Assert.Null(Find(devices: 1));
    }

    [Fact]
    public void An_xfs_with_its_log_on_another_device_is_refused()
    {
        byte[] head = new byte[4096];
        "XFSB"u8.CopyTo(head);
        Assert.Contains("log on another device", MountObstacle.OfXfs(head)!.What, StringComparison.Ordinal);
        BinaryPrimitives.WriteUInt64BigEndian(head.AsSpan(48), 5);
        Assert.Null(MountObstacle.OfXfs(head));
        Assert.Null(MountObstacle.OfXfs(head.AsSpan(0, 100)));
    }

    /// <summary>A btrfs on the device loop1.</summary>
    private MountObstacle? Find(ulong devices)
    {
        byte[] head = new byte[FileSystemIdentity.HeadBytes];
        Span<byte> superblock = head.AsSpan(64 << 10);
        _uuid.TryWriteBytes(superblock[0x20..], bigEndian: true, out _);
        "_BHRfS_M"u8.CopyTo(superblock[0x40..]);
        BinaryPrimitives.WriteUInt64LittleEndian(superblock[0x70..], 1 << 30);
        BinaryPrimitives.WriteUInt64LittleEndian(superblock[0x88..], devices);
        return MountObstacle.OfBtrfs(head, d => d != "loop1", _mounted);
    }
}
