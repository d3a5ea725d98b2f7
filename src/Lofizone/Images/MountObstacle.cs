using System.Buffers.Binary;
using Lofizone.Interop;

namespace Lofizone.Images;

/// <summary>
/// A request of a superblock that no image may have: it would lead the kernel to another object of this host, or mix two images up.
/// </summary>
/// <param name="What">The reason, for a person.</param>
/// <param name="Mend">The remedy.</param>
internal sealed record MountObstacle(string What, string Mend)
{
    private const string BtrfsFileSystems = "/sys/fs/btrfs";
    private const string CopyFiles = "copy its files into a new image: mkfile, newfs, then mount both and cp -a";

    /// <summary>Examines a device that is not mounted; null when there is no obstacle.</summary>
    /// <exception cref="LinuxException">The device can't be read.</exception>
    public static MountObstacle? Find(string device, string fsType) => fsType switch
    {
        FileSystemTypes.Ext4 => ExtSuperblock.Read(device) is { } ext ? OfExt(ext) : null,
        FileSystemTypes.Xfs => OfXfs(Head(device)),
        FileSystemTypes.Btrfs => OfBtrfs(
            Head(device), d => !Path.GetFileName(device).Equals(d, StringComparison.Ordinal) && !IsSame(device, d), BtrfsFileSystems),
        _ => null,
    };

    internal static MountObstacle? OfExt(ExtSuperblock ext)
    {
        if (ext.HasForeignJournal)
            return new MountObstacle(
                "its ext4 keeps its journal on another device, which an image can't name on this host",
                "where that device is, take the journal inside: tune2fs -O ^has_journal DEVICE, then tune2fs -j DEVICE");
        return ext.MountOptions.Length == 0
            ? null
            : new MountObstacle(
                "its ext4 has mount options of its own in its superblock, which could name things of this host",
                "take them out: tune2fs -E mount_opts= DEVICE");
    }

    /// <summary>fs/xfs/libxfs/xfs_format.h, struct xfs_dsb: a log that starts at block 0 is on another device.</summary>
    internal static MountObstacle? OfXfs(ReadOnlySpan<byte> head)
    {
        const int Least = 512, LogStart = 48;
        return head.Length >= Least && head.StartsWith("XFSB"u8) && BinaryPrimitives.ReadUInt64BigEndian(head[LogStart..]) == 0
            ? new MountObstacle("its xfs keeps its log on another device, which an image can't name on this host", CopyFiles)
            : null;
    }

    /// <summary>
    /// include/uapi/linux/btrfs_tree.h, struct btrfs_super_block. The kernel assembles a btrfs from all devices that it has seen with the
    /// same UUID, so one of several devices could be another party's. A copy has the UUID of the original. Kernels from 6.7 on tell both
    /// apart (temp_fsid).
    /// </summary>
    /// <param name="head">The first bytes of the device.</param>
    /// <param name="isAnother">Tells whether the device of a name is another device than the examined one.</param>
    /// <param name="mounted">The kernel's directory of mounted btrfs file systems.</param>
    internal static MountObstacle? OfBtrfs(ReadOnlySpan<byte> head, Func<string, bool> isAnother, string mounted)
    {
        const int Start = 64 << 10, Devices = 0x88;
        if (FileSystemIdentity.Parse(head) is not { Type: FileSystemTypes.Btrfs } found)
            return null;
        ulong devices = BinaryPrimitives.ReadUInt64LittleEndian(head[(Start + Devices)..]);
        if (devices != 1)
            return new MountObstacle($"its btrfs is spread over {devices} devices, an image is one", CopyFiles);
        string sameUuid = Path.Combine(mounted, found.Uuid.ToString(), "devices");
        if (!Directory.Exists(sameUuid) || File.Exists(Path.Combine(mounted, "features/temp_fsid")))
            return null;
        return Directory.EnumerateFileSystemEntries(sameUuid).Select(Path.GetFileName).FirstOrDefault(d => isAnother(d!)) is not { } other
            ? null
            : new MountObstacle(
                $"its btrfs has the UUID {found.Uuid} of the one that is mounted from /dev/{other}: one is a copy of the other, and "
                + "this kernel (before 6.7) would mix them up",
                "halt the zone that has the other; or give this one a UUID of its own: btrfstune -u DEVICE");
    }

    private static bool IsSame(string device, string name) => FileStatus.At(device)?.RawDevice is { } number
        && FileStatus.At("/dev/" + name)?.RawDevice == number;

    private static byte[] Head(string device)
    {
        using FileDescriptor file = Files.Open(device, OpenFlags.ReadOnly);
        byte[] head = new byte[FileSystemIdentity.HeadBytes];
        return head[..FileContent.Read(file, head, 0)];
    }
}
