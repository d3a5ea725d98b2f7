namespace Lofizone.Images;

/// <summary>The file systems that an image may hold, with the commands that make them.</summary>
internal static class FileSystemTypes
{
    public const string Ext4 = "ext4";
    public const string Xfs = "xfs";
    public const string Btrfs = "btrfs";

    /// <summary>
    /// Sizes of the smallest useful devices, bytes. mkfs.xfs and mkfs.btrfs refuse smaller devices, and ext4 would have no room for a
    /// journal.
    /// </summary>
    public const long Ext4LeastBytes = 16L << 20;
    public const long XfsLeastBytes = 300L << 20;
    public const long BtrfsLeastBytes = 109L << 20;

    public static IReadOnlyList<string> All { get; } = [Ext4, Xfs, Btrfs];

    /// <exception cref="LofizoneException">The type is not supported.</exception>
    public static long LeastBytes(string type) => type switch
    {
        Ext4 => Ext4LeastBytes,
        Xfs => XfsLeastBytes,
        Btrfs => BtrfsLeastBytes,
        _ => throw Unknown(type),
    };

    /// <summary>Program and arguments that make the file system, with blocks and sectors of 4096 bytes, the device's size.</summary>
    public static (string Program, string[] Arguments) Make(string type, string device) => type switch
    {
        // A small ext4 would get 1 KiB blocks, which can't be mounted from 4 KiB sectors. Inode tables are zeroed later, in the background.
        Ext4 => ("mkfs.ext4", ["-q", "-F", "-b", "4096", "-E", "lazy_itable_init=1", device]),
        Xfs => ("mkfs.xfs", ["-q", "-f", "-s", "size=4096", "-b", "size=4096", device]),
        Btrfs => ("mkfs.btrfs", ["-q", "-f", "-s", "4096", device]),
        _ => throw Unknown(type),
    };

    /// <summary>Tells whether a found file system counts as the wanted type. ext2 and ext3 count as ext4.</summary>
    public static bool IsSame(string found, string wanted) => found == wanted || (wanted == Ext4 && found is "ext2" or "ext3");

    private static LofizoneException Unknown(string type) =>
        new($"'{type}' is not a file system that an image can hold", $"choose one of: {string.Join(", ", All)}");
}
