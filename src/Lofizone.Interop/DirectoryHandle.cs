using System.Runtime.InteropServices;
using System.Text;

namespace Lofizone.Interop;

/// <summary>How openat2(2) walks a path below a directory (linux/openat2.h).</summary>
public enum PathWalk : ulong
{
    /// <summary>RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS: every component is a real directory below the start, or the call fails with ELOOP or EXDEV.</summary>
    NoLinks = 0x08 | 0x04,

    /// <summary>RESOLVE_IN_ROOT: symbolic links are followed as in a chroot at the start; none leads out of it.</summary>
    InRoot = 0x10,
}

/// <summary>
/// An open directory and what can be done to the names below it. Paths are relative to it (a leading '/' is dropped), never to the
/// process's root, so that a symbolic link in the tree can't lead an operation out of it.
/// </summary>
public sealed partial class DirectoryHandle : IDisposable
{
    // asm-generic/fcntl.h; arm64 has its own values for the two marked ones (arch/arm64/include/uapi/asm/fcntl.h).
    private const int WriteOnly = 0x1, Create = 0x40, Exclusive = 0x80, NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const int SystemCallOpenAt2 = 437;
    private const int NoFollowLast = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS
    private const int PathLimit = 4096; // PATH_MAX

    private static readonly bool _isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly int _directoryFlag = _isArm ? 0x4000 : 0x10000;
    private static readonly int _noFollowFlag = _isArm ? 0x8000 : 0x20000;

    private readonly FileDescriptor _descriptor;

    private DirectoryHandle(FileDescriptor descriptor) => _descriptor = descriptor;

    /// <summary>Opens a directory by its absolute path; its last component must not be a symbolic link.</summary>
    /// <exception cref="LinuxException">ENOENT, ENOTDIR or ELOOP, with the path.</exception>
    public static DirectoryHandle Open(string path)
    {
        int descriptor = OpenNative(path, _directoryFlag | _noFollowFlag | CloseOnExec);
        return descriptor >= 0 ? new DirectoryHandle(new FileDescriptor(descriptor)) : throw LinuxException.Last("open", path);
    }

    /// <summary>A path of this directory that is valid while the handle is open.</summary>
    public string ProcPath => $"/proc/self/fd/{_descriptor.Number}";

    /// <summary>Where the directory is now, as the kernel names it.</summary>
    public string RealPath => new FileInfo(ProcPath).LinkTarget ?? throw new IOException($"{ProcPath}: not readable; is /proc mounted?");

    /// <summary>Opens a directory below this one; "" or "/" is this one again.</summary>
    public DirectoryHandle OpenDirectory(string path, PathWalk walk) => new(OpenAt2(path, _directoryFlag | CloseOnExec, 0, walk));

    /// <summary>Opens a file below this directory for reading. Non-blocking, so that a FIFO put in its place can't hang the caller.</summary>
    public FileDescriptor OpenRead(string path, PathWalk walk) => OpenAt2(path, NonBlocking | CloseOnExec, 0, walk);

    /// <summary>Creates a new file (mode 0600) in this directory; an existing name, whatever it is, gives EEXIST.</summary>
    public FileDescriptor CreateFile(string name) => OpenAt2(name, WriteOnly | Create | Exclusive | CloseOnExec, 0x180, PathWalk.NoLinks);

    public void MakeDirectory(string name, int mode) => Check(MkdirAt(_descriptor, name, (uint)mode), "mkdir", name);

    public void MakeSymbolicLink(string content, string name) => Check(SymlinkAt(content, _descriptor, name), "symlink", name);

    /// <summary>Gives the file <paramref name="existing"/> of another directory a second name here.</summary>
    public void MakeHardLink(DirectoryHandle from, string existing, string name) => Check(LinkAt(from._descriptor, existing, _descriptor, name, 0), "link", name);

    /// <summary>Removes a name that is no directory.</summary>
    public void Unlink(string name) => Check(UnlinkAt(_descriptor, name, 0), "unlink", name);

    /// <summary>What stands at a name of this directory, or null when nothing does.</summary>
    public FileMetadata? TryStat(string name)
    {
        if (Statx(_descriptor, name, NoFollowLast, BasicStats, out StatxBuffer buffer) == 0)
            return FileMetadata.From(buffer);
        LinuxException error = LinuxException.Last("statx", name);
        return error.Errno is Errno.ENOENT or Errno.ENOTDIR ? null : throw error;
    }

    /// <summary>Content of the symbolic link <paramref name="name"/>.</summary>
    public string ReadLink(string name)
    {
        byte[] buffer = new byte[PathLimit];
        nint length = ReadLinkAt(_descriptor, name, buffer, (nuint)buffer.Length);
        return length >= 0 ? Encoding.UTF8.GetString(buffer, 0, (int)length) : throw LinuxException.Last("readlink", name);
    }

    /// <summary>Owner and group of a name, never of what a symbolic link points at. Clears set-ID bits and file capabilities (chown(2)).</summary>
    public void SetOwner(string name, uint userId, uint groupId) => Check(ChownAt(_descriptor, name, userId, groupId, NoFollowLast), "chown", name);

    /// <summary>Permission bits of a name that the caller has just made as a file or directory (fchmodat follows symbolic links).</summary>
    public void SetMode(string name, int mode) => Check(ChmodAt(_descriptor, name, (uint)mode, 0), "chmod", name);

    /// <summary>Sets the time of the last change (and of the last access, to the same) of a name itself.</summary>
    public void SetModified(string name, long seconds, uint nanoseconds)
    {
        Span<long> times = [seconds, nanoseconds, seconds, nanoseconds];
        Check(UtimensAt(_descriptor, name, times, NoFollowLast), "utimensat", name);
    }

    public void Dispose() => _descriptor.Dispose();

    private FileDescriptor OpenAt2(string path, int flags, int mode, PathWalk walk)
    {
        string relative = path.TrimStart('/');
        Span<ulong> how = [(ulong)flags, (ulong)mode, (ulong)walk];
        nint descriptor = SystemCall(SystemCallOpenAt2, _descriptor, relative.Length == 0 ? "." : relative, how, (nuint)(how.Length * sizeof(ulong)));
        return descriptor >= 0 ? new FileDescriptor((int)descriptor) : throw LinuxException.Last("openat2", path);
    }

    private static void Check(int result, string call, string name)
    {
        if (result != 0)
            throw LinuxException.Last(call, name);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenNative(string path, int flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint SystemCall(nint number, FileDescriptor directory, string path, Span<ulong> how, nuint size);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkdirAt(FileDescriptor directory, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SymlinkAt(string content, FileDescriptor directory, string name);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkAt(FileDescriptor oldDirectory, string oldName, FileDescriptor directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkAt(FileDescriptor directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(FileDescriptor directory, string name, int flags, uint mask, out StatxBuffer buffer);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLinkAt(FileDescriptor directory, string name, byte[] buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChownAt(FileDescriptor directory, string name, uint user, uint group, int flags);

    [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChmodAt(FileDescriptor directory, string name, uint mode, int flags);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UtimensAt(FileDescriptor directory, string name, Span<long> times, int flags);
}
