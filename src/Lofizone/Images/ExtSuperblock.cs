using System.Buffers.Binary;
using System.Text;
using Lofizone.Interop;

namespace Lofizone.Images;

/// <summary>
/// The superblock of ext2, ext3 and ext4: the file system's health, features and mount options (Documentation/filesystems/ext4/super.rst).
/// </summary>
/// <param name="BlockBytes">Size of the file system's blocks, bytes.</param>
/// <param name="HasErrors">The kernel has found errors in the file system (s_state).</param>
/// <param name="NeedsRecovery">
/// The journal holds changes that are not in their places yet, because the file system was not unmounted.
/// </param>
/// <param name="Incompatible">Features that a kernel must know to mount the file system.</param>
/// <param name="ReadOnlyCompatible">Features that a kernel must know to write to the file system.</param>
/// <param name="HasForeignJournal">The journal is on another device, which the superblock names by UUID and device number.</param>
/// <param name="MountOptions">Stored mount options (tune2fs -E mount_opts).</param>
/// <param name="IsAtRest">
/// The file system was unmounted in order, and its superblock asks for no repair and no check: e2fsck(8) would skip the file system, too.
/// </param>
internal sealed record ExtSuperblock(
    int BlockBytes, bool HasErrors, bool NeedsRecovery, uint Incompatible, uint ReadOnlyCompatible, bool HasForeignJournal = false,
    string MountOptions = "", bool IsAtRest = false)
{
    private const int Start = 1024;
    private const int LogBlockSizeAt = 0x18;
    private const int MagicAt = 0x38;
    private const int MostMountsAt = 0x36;
    private const int StateAt = 0x3a;
    private const int CheckIntervalAt = 0x44;
    private const int CompatibleAt = 0x5c;
    private const int IncompatibleAt = 0x60;
    private const int ReadOnlyCompatibleAt = 0x64;
    private const int JournalInodeAt = 0xe0;
    private const int JournalDeviceAt = 0xe4;
    private const int LastOrphanAt = 0xe8;
    private const int ErrorCountAt = 0x194;
    private const int MountOptionsAt = 0x200;
    private const int MountOptionsBytes = 64;
    private const ushort Magic = 0xef53;
    private const ushort ErrorState = 2;

    /// <summary>EXT4_VALID_FS, without EXT4_ERROR_FS and EXT4_ORPHAN_FS.</summary>
    private const ushort CleanState = 1;
    private const uint OrphansPresent = 0x10000;
    private const uint HasJournal = 0x4;
    private const uint Recover = 0x4;
    private const int LargestLogBlockSize = 6;

    // tune2fs(8)'s names of features, by bit. Bits that every present ext4 has are left out, because they explain no refusal.
    private static readonly Dictionary<int, string> _incompatibleNames = new()
    {
        [0] = "compression",
        [3] = "journal_dev",
        [4] = "meta_bg",
        [8] = "mmp",
        [10] = "ea_inode",
        [12] = "dirdata",
        [13] = "metadata_csum_seed",
        [14] = "large_dir",
        [15] = "inline_data",
        [16] = "encrypt",
        [17] = "casefold",
    };

    private static readonly Dictionary<int, string> _readOnlyCompatibleNames = new()
    {
        [8] = "quota",
        [9] = "bigalloc",
        [12] = "read-only",
        [13] = "project",
        [15] = "verity",
        [16] = "orphan_file",
    };

    private const uint UsualIncompatible = 0x2 | 0x4 | 0x40 | 0x80 | 0x200;
    private const uint UsualReadOnlyCompatible = 0x1 | 0x2 | 0x8 | 0x10 | 0x20 | 0x40 | 0x400;

    /// <summary>Reads the superblock; null when there is none.</summary>
    /// <exception cref="LinuxException">The device can't be read.</exception>
    public static ExtSuperblock? Read(string device)
    {
        using FileDescriptor file = Files.Open(device, OpenFlags.ReadOnly);
        byte[] head = new byte[2 * Start];
        return FileContent.Read(file, head, 0) == head.Length ? Parse(head.AsSpan(Start)) : null;
    }

    internal static ExtSuperblock? Parse(ReadOnlySpan<byte> sb)
    {
        uint log = BinaryPrimitives.ReadUInt32LittleEndian(sb[LogBlockSizeAt..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(sb[MagicAt..]) != Magic || log > LargestLogBlockSize)
            return null;
        uint incompatible = BinaryPrimitives.ReadUInt32LittleEndian(sb[IncompatibleAt..]);
        bool journal = (BinaryPrimitives.ReadUInt32LittleEndian(sb[CompatibleAt..]) & HasJournal) != 0;
        bool journalInside = BinaryPrimitives.ReadUInt32LittleEndian(sb[JournalInodeAt..]) != 0
            && BinaryPrimitives.ReadUInt32LittleEndian(sb[JournalDeviceAt..]) == 0;
        return new ExtSuperblock(
            1024 << (int)log,
            (BinaryPrimitives.ReadUInt16LittleEndian(sb[StateAt..]) & ErrorState) != 0,
            (incompatible & Recover) != 0,
            incompatible,
            BinaryPrimitives.ReadUInt32LittleEndian(sb[ReadOnlyCompatibleAt..]),
            journal && !journalInside,
            Encoding.UTF8.GetString(sb.Slice(MountOptionsAt, MountOptionsBytes)).TrimEnd('\0'),
            IsAtRest(sb, incompatible));

        static bool IsAtRest(ReadOnlySpan<byte> sb, uint incompatible) =>
            BinaryPrimitives.ReadUInt16LittleEndian(sb[StateAt..]) == CleanState
            && (incompatible & Recover) == 0
            && (BinaryPrimitives.ReadUInt32LittleEndian(sb[ReadOnlyCompatibleAt..]) & OrphansPresent) == 0
            && BinaryPrimitives.ReadUInt32LittleEndian(sb[LastOrphanAt..]) == 0
            && BinaryPrimitives.ReadUInt32LittleEndian(sb[ErrorCountAt..]) == 0
            // Checks after so many mounts or so much time: whether one is due, e2fsck decides.
            && BinaryPrimitives.ReadInt16LittleEndian(sb[MostMountsAt..]) <= 0
            && BinaryPrimitives.ReadUInt32LittleEndian(sb[CheckIntervalAt..]) == 0;
    }

    /// <summary>Names of features that not every kernel has. A bit without a known name is shown by its number.</summary>
    public IReadOnlyList<string> UnusualFeatures =>
    [
        .. Names(Incompatible & ~UsualIncompatible, _incompatibleNames, "FEATURE_I"),
        .. Names(ReadOnlyCompatible & ~UsualReadOnlyCompatible, _readOnlyCompatibleNames, "FEATURE_R"),
    ];

    private static IEnumerable<string> Names(uint bits, Dictionary<int, string> names, string unknown)
    {
        for (int bit = 0; bit < 32; bit++)
        {
            if ((bits & (1u << bit)) != 0)
                yield return names.GetValueOrDefault(bit) ?? $"{unknown}{bit}";
        }
    }
}
