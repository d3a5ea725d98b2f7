using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>
/// Writes the entries of a zone's archive below one name of a directory of this host. A path that leads anywhere else is refused. No
/// symbolic link is followed below the directory, and files get their names only when they are complete.
/// </summary>
/// <param name="directory">The directory.</param>
/// <param name="asked">The name that the archive's entries must begin with.</param>
/// <param name="name">The name in the directory that takes its place.</param>
internal sealed class ArchiveTarget(DirectoryHandle directory, string asked, string name)
{
    private const int DepthLimit = 64;
    private const int NameLimit = 255;
    private const int BufferBytes = 64 << 10;
    private const int OwnerMayUse = 0x1C0;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly List<string> _leftOut = [];

    /// <summary>Number of names that are not copied.</summary>
    public long LeftOutCount { get; private set; }

    /// <summary>The first names that are not copied.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>Number of files that are copied.</summary>
    public long Files { get; private set; }

    /// <summary>True when the archive had any name.</summary>
    public bool IsUsed { get; private set; }

    /// <exception cref="InvalidDataException">The entry's path leads out of the target.</exception>
    public void Take(ArchiveEntry entry, ForeignArchive archive)
    {
        string[] parts = PartsOf(entry.Path);
        IsUsed = true;
        if (entry.Kind == ArchiveKind.Other)
        {
            LeftOutCount++;
            if (_leftOut.Count < 3)
                _leftOut.Add(entry.Path);
            return;
        }

        using DirectoryHandle parent = Parent(parts[..^1]);
        if (entry.Kind == ArchiveKind.Directory)
        {
            // The zone's mode must not keep this host's root, or a later run, from the directory.
            if (parent.TryStat(parts[^1]) is null)
                parent.MakeDirectory(parts[^1], entry.Mode | OwnerMayUse);
            parent.OpenDirectory(parts[^1], PathWalk.NoLinks).Dispose();
            return;
        }

        WriteFile(parent, parts[^1], entry.Mode, archive);
        Files++;
    }

    /// <summary>The path's names below the directory.</summary>
    private string[] PartsOf(string path)
    {
        string[] parts = path.Split('/');
        if (parts.Length > DepthLimit || parts[0] != asked
            || parts.Any(p => p is "" or "." or ".." || p.Length > NameLimit || p.Contains('\0')))
            throw new InvalidDataException($"it has the path {new ForeignText(path)}, which was not asked for");
        parts[0] = name;
        return parts;
    }

    /// <summary>Opens the directories of a path. A missing one is made, as an archive may name a file before its directory.</summary>
    private DirectoryHandle Parent(string[] parts)
    {
        DirectoryHandle at = directory.OpenDirectory("", PathWalk.NoLinks);
        foreach (string part in parts)
        {
            using DirectoryHandle above = at;
            if (above.TryStat(part) is null)
                above.MakeDirectory(part, OwnerMayUse);
            at = above.OpenDirectory(part, PathWalk.NoLinks);
        }

        return at;
    }

    private void WriteFile(DirectoryHandle parent, string file, int mode, ForeignArchive archive)
    {
        string temporary = $".{RandomBytes.GetHex(8)}.tmp";
        using FileDescriptor made = parent.CreateFile(temporary);
        try
        {
            for (int count; (count = archive.Read(_buffer)) > 0;)
                CopyFile.Write(made, _buffer.AsSpan(0, count));
            parent.SetMode(temporary, mode);
            parent.Rename(temporary, file);
        }
        catch
        {
            parent.Unlink(temporary);
            throw;
        }
    }
}
