using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>
/// Files of this host that are there whole or not at all, even after a power cut: written under a temporary name, flushed, renamed,
/// and the directory flushed.
/// </summary>
public static class AtomicFile
{
    private const uint PrivateFile = 0x180; // 0600
    private const UnixFileMode PrivateDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Ending of names that a killed writer may leave behind; readers of directories skip them.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Writes <paramref name="content"/> to <paramref name="path"/>; missing directories are made with mode 0700.</summary>
    /// <exception cref="LinuxException">No permission, no space…: nothing has changed.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string directoryPath = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directoryPath, PrivateDirectory);
        using FileDescriptor directory = Files.Open(directoryPath, OpenFlags.ReadOnly | OpenFlags.Directory);
        Write(directory, Path.GetFileName(path), content, PrivateFile);
    }

    /// <summary>Writes a file in an open directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">Name in it.</param>
    /// <param name="content">What the file holds afterwards.</param>
    /// <param name="mode">Permission bits of the new file.</param>
    internal static void Write(FileDescriptor directory, string name, ReadOnlySpan<byte> content, uint mode)
    {
        string temporary = $".{name}.{Guid.NewGuid():N}{TemporarySuffix}";
        try
        {
            using (FileDescriptor file = Files.OpenAt(
                directory, temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, ResolveFlags.Beneath | ResolveFlags.NoSymlinks, mode))
            {
                FileContent.Write(file, content, 0);
                FileContent.Sync(file);
            }

            Files.Rename(directory, temporary, name);
            FileContent.Sync(directory);
        }
        catch
        {
            RemoveQuietly(directory, temporary);
            throw;
        }
    }

    private static void RemoveQuietly(FileDescriptor directory, string name)
    {
        try
        {
            Files.Remove(directory, name);
        }
        catch (LinuxException)
        {
            // The failure under way is the one to report; the left-over has a name that readers skip.
        }
    }
}
