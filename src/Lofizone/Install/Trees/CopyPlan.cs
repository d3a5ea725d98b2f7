using Lofizone.Interop;

namespace Lofizone.Install.Trees;

/// <summary>One entry to make in the zone.</summary>
/// <param name="Source">Canonical path in the global zone.</param>
/// <param name="Target">Canonical path in the zone: every directory above the entry is a real directory.</param>
/// <param name="Metadata">Metadata at the time of the plan.</param>
/// <param name="Package">The package of the entry, for messages.</param>
internal sealed record CopyEntry(string Source, string Target, FileStatus Metadata, string Package)
{
    /// <summary>Path in the zone of the file that this entry is another name of; null for a file of its own.</summary>
    public string? HardLinkTo { get; init; }

    public string TargetDirectory => Target[..Target.LastIndexOf('/')];

    public string TargetName => Target[(Target.LastIndexOf('/') + 1)..];
}

/// <summary>All entries that are copied into a zone, planned before anything is written.</summary>
/// <param name="Directories">Directories, parents before their children.</param>
/// <param name="Files">Regular files, symbolic links and further names of files.</param>
/// <param name="Notes">Lines for the log: differences from the packages' content, with reasons.</param>
internal sealed record CopyPlan(IReadOnlyList<CopyEntry> Directories, IReadOnlyList<CopyEntry> Files, IReadOnlyList<string> Notes)
{
    /// <summary>Number of bytes of file content.</summary>
    public long Bytes => Files.Where(f => f.HardLinkTo is null).Sum(f => f.Metadata.Size);

    /// <summary>Number of bytes on disk, in whole blocks.</summary>
    public long DiskBytes => Directories.Count * (long)InstallEstimate.BlockBytes
        + Files.Where(f => f.HardLinkTo is null && f.Metadata.Kind == FileKind.Regular)
            .Sum(f => (f.Metadata.Size + InstallEstimate.BlockBytes - 1) / InstallEstimate.BlockBytes * InstallEstimate.BlockBytes);

    public long Inodes => Directories.Count + Files.Count(f => f.HardLinkTo is null);
}
