namespace Lofizone.Install.Trees;

/// <summary>The needs of an install, estimated before anything is written.</summary>
/// <param name="Packages">Number of packages.</param>
/// <param name="Files">Number of files and links, without directories.</param>
/// <param name="Bytes">Bytes on the zone's file system: contents and directories in whole blocks of 4 KiB.</param>
/// <param name="Inodes">Number of inodes on the zone's file system.</param>
public sealed record InstallEstimate(int Packages, int Files, long Bytes, long Inodes)
{
    /// <summary>Block size of the estimate, bytes: that of new images.</summary>
    public const int BlockBytes = 4096;

    /// <summary>Space that a file system of any size needs for itself (journal, first inode tables), bytes.</summary>
    private const long FileSystemBytes = 48L << 20;

    /// <summary>
    /// Size of the smallest image that holds the zone, in whole MiB: the content; an eighth more for inode tables and the blocks that ext4
    /// reserves for root; the file system's own structures; and some room for logs.
    /// </summary>
    public long MinimumImageBytes => (Bytes + (Bytes / 8) + FileSystemBytes + (1 << 20) - 1) >> 20 << 20;
}
