using System.Buffers.Binary;
using Lofizone.Interop;

namespace Lofizone.Images;

/// <summary>The identity of a file system, from its superblock.</summary>
/// <param name="Type"><c>ext2</c>, <c>ext3</c>, <c>ext4</c>, <c>xfs</c> or <c>btrfs</c>.</param>
/// <param name="SizeBytes">Size of the file system from the start of its device, bytes.</param>
/// <param name="Uuid">The file system's UUID, in blkid's form.</param>
public sealed record FileSystemIdentity(string Type, long SizeBytes, Guid Uuid)
{
    /// <summary>Number of bytes that are read from the start: enough for the last of the known superblocks (btrfs, at 64 KiB).</summary>
    internal const int HeadBytes = (64 << 10) + 4096;

    /// <summary>Reads the superblock of a device or an image file; null when there is no known superblock.</summary>
    /// <exception cref="LinuxException">The device or file can't be opened or read.</exception>
    public static FileSystemIdentity? Read(string deviceOrFile)
    {
        using FileDescriptor file = Files.Open(deviceOrFile, OpenFlags.ReadOnly);
        return Read(file);
    }

    internal static FileSystemIdentity? Read(FileDescriptor file)
    {
        byte[] head = new byte[HeadBytes];
        return Parse(head.AsSpan(0, FileContent.Read(file, head, 0)));
    }

    /// <summary>Finds a superblock in the first bytes of a device. A superblock with an impossible size does not count.</summary>
    internal static FileSystemIdentity? Parse(ReadOnlySpan<byte> head) => Ext(head) ?? Xfs(head) ?? Btrfs(head);

    /// <summary>Documentation/filesystems/ext4/super.rst: little-endian, 1 KiB from the start.</summary>
    private static FileSystemIdentity? Ext(ReadOnlySpan<byte> head)
    {
        const int Start =
            1024, Length = 1024, Magic = 0x38, BlocksLow = 0x4, LogBlockSize = 0x18, Compatible = 0x5c, Incompatible = 0x60, Uuid = 0x68,
            BlocksHigh = 0x150;
        const ushort MagicValue = 0xef53;
        const uint HasJournal = 0x4, Extents = 0x40, SixtyFourBit = 0x80;
        const int LargestLogBlockSize = 6;
        if (head.Length < Start + Length)
            return null;
        ReadOnlySpan<byte> sb = head.Slice(Start, Length);
        uint log = BinaryPrimitives.ReadUInt32LittleEndian(sb[LogBlockSize..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(sb[Magic..]) != MagicValue || log > LargestLogBlockSize)
            return null;
        uint incompatible = BinaryPrimitives.ReadUInt32LittleEndian(sb[Incompatible..]);
        ulong high = (incompatible & SixtyFourBit) != 0 ? BinaryPrimitives.ReadUInt32LittleEndian(sb[BlocksHigh..]) : 0;
        ulong blocks = (high << 32) | BinaryPrimitives.ReadUInt32LittleEndian(sb[BlocksLow..]);
        string type = (incompatible & (Extents | SixtyFourBit)) != 0 ? "ext4"
            : (BinaryPrimitives.ReadUInt32LittleEndian(sb[Compatible..]) & HasJournal) != 0 ? "ext3" : "ext2";
        return Known(type, (UInt128)blocks << (int)(10 + log), sb.Slice(Uuid, 16));
    }

    /// <summary>fs/xfs/libxfs/xfs_format.h, struct xfs_dsb: big-endian, at the start.</summary>
    private static FileSystemIdentity? Xfs(ReadOnlySpan<byte> head)
    {
        const int Length = 512, BlockSize = 4, Blocks = 8, Uuid = 32;
        if (head.Length < Length || !head.StartsWith("XFSB"u8))
            return null;
        return Known(
            "xfs", (UInt128)BinaryPrimitives.ReadUInt64BigEndian(head[Blocks..]) * BinaryPrimitives.ReadUInt32BigEndian(head[BlockSize..]),
            head.Slice(Uuid, 16));
    }

    /// <summary>include/uapi/linux/btrfs_tree.h, struct btrfs_super_block: little-endian, 64 KiB from the start.</summary>
    private static FileSystemIdentity? Btrfs(ReadOnlySpan<byte> head)
    {
        const int Start = 64 << 10, Length = 4096, Uuid = 0x20, Magic = 0x40, TotalBytes = 0x70;
        if (head.Length < Start + Length || !head[(Start + Magic)..].StartsWith("_BHRfS_M"u8))
            return null;
        ReadOnlySpan<byte> sb = head.Slice(Start, Length);
        return Known("btrfs", BinaryPrimitives.ReadUInt64LittleEndian(sb[TotalBytes..]), sb.Slice(Uuid, 16));
    }

    private static FileSystemIdentity? Known(string type, UInt128 size, ReadOnlySpan<byte> uuid) =>
        size == 0 || size > long.MaxValue ? null : new FileSystemIdentity(type, (long)size, new Guid(uuid, bigEndian: true));
}
