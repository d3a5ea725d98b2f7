using System.Runtime.InteropServices;
using System.Text;

namespace Lofizone.Interop;

/// <summary>Rules for a walk of openat2(2) below a directory (linux/openat2.h).</summary>
public enum PathWalk : ulong
{
    /// <summary>
    /// RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS: every component is a real directory below the start; otherwise the call fails with ELOOP or
    /// EXDEV.
    /// </summary>
    NoLinks = 0x08 | 0x04,

    /// <summary>RESOLVE_IN_ROOT: symbolic links are followed as in a chroot at the start; no link leads out of the start.</summary>
    InRoot = 0x10,
}

/// <summary>
/// An open directory, and the operations on the names below it. Paths are relative to the directory (a leading '/' is dropped), never to
/// the process's root. So a symbolic link in the tree can't lead an operation out of the tree.
/// </summary>
public sealed partial class DirectoryHandle : IDisposable
{
    private const int NoFollowLast = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint ExchangeFlag = 2; // RENAME_EXCHANGE
    private const int PathLimit = 4096; // PATH_MAX

    private readonly FileDescriptor _descriptor;

    internal DirectoryHandle(FileDescriptor descriptor) => _descriptor = descriptor;

    /// <summary>Opens a directory by its absolute path; its last component must not be a symbolic link.</summary>
    /// <exception cref="LinuxException">ENOENT, ENOTDIR or ELOOP, with the path.</exception>
    public static DirectoryHandle Open(string path) => new(Files.Open(path, OpenFlags.Directory | OpenFlags.NoFollow));

    internal FileDescriptor Descriptor => _descriptor;

    /// <summary>A path of this directory, valid while the handle is open.</summary>
    public string ProcPath => $"/proc/self/fd/{_descriptor.Number}";

    /// <summary>The directory's present path, as the kernel names it.</summary>
    public string RealPath => new FileInfo(ProcPath).LinkTarget ?? throw new IOException($"{ProcPath}: not readable; is /proc mounted?");

    /// <summary>Opens a directory below this directory; "" or "/" opens this directory again.</summary>
    public DirectoryHandle OpenDirectory(string path, PathWalk walk) => new(OpenAt(path, OpenFlags.Directory, walk));

    /// <summary>
    /// Opens a file below this directory for reading. The open does not block, so that a FIFO in the file's place can't hang the caller.
    /// </summary>
    public FileDescriptor OpenRead(string path, PathWalk walk) => OpenAt(path, OpenFlags.NonBlocking, walk);

    /// <summary>Opens a regular file below this directory for reading.</summary>
    /// <exception cref="NotRegularFileException">The name leads to an object of another type.</exception>
    public FileDescriptor OpenRegular(string path, PathWalk walk) =>
        RegularFile.Open(
            _descriptor, path.TrimStart('/') is { Length: > 0 } relative ? relative : ".", OpenFlags.ReadOnly, (ResolveFlags)walk);

    /// <summary>Creates a new file (mode 0600) in this directory. Any existing name gives EEXIST.</summary>
    public FileDescriptor CreateFile(string name) =>
        OpenAt(name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, PathWalk.NoLinks, 0x180);

    public void MakeDirectory(string name, int mode) => Files.MakeDirectory(_descriptor, name, (uint)mode);

    public void MakeSymbolicLink(string content, string name) =>
        LinuxException.Check(SymlinkAt(content, _descriptor, name), "symlink", name);

    /// <summary>Gives the file <paramref name="existing"/> of another directory a second name here.</summary>
    public void MakeHardLink(DirectoryHandle from, string existing, string name) =>
        LinuxException.Check(LinkAt(from._descriptor, existing, _descriptor, name, 0), "link", name);

    /// <summary>Removes a name that is not a directory.</summary>
    public void Unlink(string name) => Files.Remove(_descriptor, name);

    /// <summary>Removes an empty directory; ENOTEMPTY when the directory is not empty.</summary>
    public void RemoveDirectory(string name) => Files.Remove(_descriptor, name, isDirectory: true);

    /// <summary>Exchanges two names of this directory atomically (renameat2(2), RENAME_EXCHANGE).</summary>
    public void Exchange(string a, string b) =>
        LinuxException.Check(Files.RenameAt2Native(_descriptor, a, _descriptor, b, ExchangeFlag), "renameat2", a);

    /// <summary>Renames a name of this directory. Replaces an existing file of the new name; a symbolic link is replaced itself.</summary>
    public void Rename(string from, string to) => Files.Rename(_descriptor, from, to);

    /// <summary>Makes changes of names in this directory durable (fsync(2)).</summary>
    public void Sync() => FileContent.Sync(_descriptor);

    /// <summary>All names in this directory but "." and "..".</summary>
    public IReadOnlyList<string> Names() => DirectoryNames.Read(_descriptor);

    /// <summary>Metadata of a name of this directory; null when the name does not exist.</summary>
    public FileStatus? TryStat(string name) => FileStatus.At(_descriptor, name);

    /// <summary>Content of the symbolic link <paramref name="name"/>.</summary>
    public string ReadLink(string name)
    {
        byte[] buffer = new byte[PathLimit];
        nint length = ReadLinkAt(_descriptor, name, buffer, (nuint)buffer.Length);
        return length >= 0 ? Encoding.UTF8.GetString(buffer, 0, (int)length) : throw LinuxException.Last("readlink", name);
    }

    /// <summary>
    /// Sets owner and group of a name. A symbolic link is changed itself, not its target. The call clears set-ID bits and file capabilities
    /// (chown(2)).
    /// </summary>
    public void SetOwner(string name, uint userId, uint groupId) =>
        LinuxException.Check(ChownAt(_descriptor, name, userId, groupId, NoFollowLast), "chown", name);

    /// <summary>
    /// Sets the permission bits of a file or directory that the caller has just made. fchmodat(2) would follow a symbolic link.
    /// </summary>
    public void SetMode(string name, int mode) => LinuxException.Check(ChmodAt(_descriptor, name, (uint)mode, 0), "chmod", name);

    /// <summary>Sets the time of the last change of a name itself, and the time of the last access to the same value.</summary>
    public void SetModified(string name, long seconds, uint nanoseconds)
    {
        Span<long> times = [seconds, nanoseconds, seconds, nanoseconds];
        LinuxException.Check(UtimensAt(_descriptor, name, times, NoFollowLast), "utimensat", name);
    }

    public void Dispose() => _descriptor.Dispose();

    private FileDescriptor OpenAt(string path, OpenFlags flags, PathWalk walk, uint mode = 0)
    {
        string relative = path.TrimStart('/');
        return OpenAt2.TryOpen(_descriptor, relative.Length == 0 ? "." : relative, flags, (ResolveFlags)walk, mode)
            ?? throw LinuxException.Last("openat2", path);
    }

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SymlinkAt(string content, FileDescriptor directory, string name);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkAt(FileDescriptor oldDirectory, string oldName, FileDescriptor directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLinkAt(FileDescriptor directory, string name, byte[] buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChownAt(FileDescriptor directory, string name, uint user, uint group, int flags);

    [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChmodAt(FileDescriptor directory, string name, uint mode, int flags);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UtimensAt(FileDescriptor directory, string name, Span<long> times, int flags);
}
