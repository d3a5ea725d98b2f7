namespace Lofizone.Install.Trees;

/// <summary>What an install is going to need, known before anything is written.</summary>
/// <param name="Packages">Number of packages.</param>
/// <param name="Files">Number of files and links, directories not counted.</param>
/// <param name="Bytes">Bytes on the zone's file system: contents and directories in whole 4 KiB blocks.</param>
/// <param name="Inodes">Inodes on the zone's file system.</param>
public sealed record InstallEstimate(int Packages, int Files, long Bytes, long Inodes)
{
    /// <summary>Block size the estimate counts in, bytes (the one images are made with).</summary>
    public const int BlockBytes = 4096;

    /// <summary>What a file system keeps for itself whatever its size (journal, first inode tables), bytes.</summary>
    private const long FileSystemBytes = 48L << 20;

    /// <summary>
    /// Smallest image that holds the zone: the content, an eighth more for inode tables and the blocks that ext4 reserves for root, the
    /// file system's own structures and some room for logs; rounded up to whole MiB.
    /// </summary>
    public long MinimumImageBytes => (Bytes + (Bytes / 8) + FileSystemBytes + (1 << 20) - 1) >> 20 << 20;
}
