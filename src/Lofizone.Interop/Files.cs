using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// Flags of open(2), asm-generic/fcntl.h, in the x86-64 numbering. <see cref="Files"/> maps the flags that differ on arm64.
/// </summary>
[Flags]
public enum OpenFlags
{
    ReadOnly = 0,
    WriteOnly = 1,
    ReadWrite = 2,
    Create = 0x40,
    Exclusive = 0x80,
    Truncate = 0x200,
    Append = 0x400,
    NonBlocking = 0x800,
    DataSync = 0x1000,

    /// <summary>O_DIRECT in the x86-64 numbering.</summary>
    Direct = 0x4000,

    /// <summary>O_DIRECTORY in the x86-64 numbering.</summary>
    Directory = 0x10000,

    /// <summary>O_NOFOLLOW in the x86-64 numbering: the open fails with ELOOP when the last name is a symbolic link.</summary>
    NoFollow = 0x20000,

    CloseOnExec = 0x80000,

    /// <summary>O_PATH: the descriptor stands for the name only and can't read or write.</summary>
    Path = 0x200000,
}

/// <summary>Opens and changes names. Every descriptor is O_CLOEXEC. Calls that a signal interrupts are repeated.</summary>
public static partial class Files
{
    /// <summary>AT_FDCWD: paths are relative to the working directory.</summary>
    internal const int CurrentDirectory = -100;

    private const int WriteAccess = 2;
    private const int RemoveDirectoryFlag = 0x200;

    /// <summary>open(2).</summary>
    /// <exception cref="LinuxException">The kernel refused; the message names the path.</exception>
    public static FileDescriptor Open(string path, OpenFlags flags, uint mode = 0)
    {
        int number;
        do
            number = OpenNative(CurrentDirectory, path, ForThisProcessor(flags | OpenFlags.CloseOnExec), mode);
        while (number < 0 && Interrupted());
        return number < 0 ? throw LinuxException.Last("open", path) : new FileDescriptor(number);
    }

    /// <summary>openat2(2): opens <paramref name="path"/> below a directory, under the given rules of resolution.</summary>
    /// <exception cref="LinuxException">
    /// ELOOP for a symbolic link under <see cref="ResolveFlags.NoSymlinks"/>; EXDEV for a path that leaves the directory.
    /// </exception>
    public static FileDescriptor OpenAt(FileDescriptor directory, string path, OpenFlags flags, ResolveFlags resolve, uint mode = 0) =>
        OpenAt2.TryOpen(directory, path, flags, resolve, mode) ?? throw LinuxException.Last("openat2", path);

    /// <summary>access(2) with W_OK on an open file: tells whether owner, mode and the server's rules allow this user to write.</summary>
    public static bool MayWrite(FileDescriptor file)
    {
        using DescriptorUse use = new(file);
        return AccessAtNative(
            CurrentDirectory, $"/proc/self/fd/{use.Number}", WriteAccess, 0) == 0;
    }

    /// <summary>mkdirat(2).</summary>
    /// <exception cref="LinuxException">EEXIST when the name is taken.</exception>
    public static void MakeDirectory(FileDescriptor directory, string name, uint mode) =>
        LinuxException.Check(MkdirAtNative(directory, name, mode), "mkdir", name);

    /// <summary>unlinkat(2): removes a file's name, or an empty directory.</summary>
    /// <exception cref="LinuxException">ENOENT, ENOTEMPTY, EISDIR and so on.</exception>
    public static void Remove(FileDescriptor directory, string name, bool isDirectory = false)
    {
        (int flags, string call) = isDirectory ? (RemoveDirectoryFlag, "rmdir") : (0, "unlink");
        LinuxException.Check(UnlinkAtNative(directory, name, flags), call, name);
    }

    /// <summary>renameat2(2) within one directory. Replaces an existing object of the new name.</summary>
    public static void Rename(FileDescriptor directory, string from, string to) =>
        LinuxException.Check(RenameAt2Native(directory, from, directory, to, 0), "rename", $"{from} to {to}");

    /// <summary>renameat2(2). Replaces an existing file, or an empty directory, of the new name.</summary>
    public static void Rename(FileDescriptor fromDirectory, string from, FileDescriptor toDirectory, string to) =>
        LinuxException.Check(RenameAt2Native(fromDirectory, from, toDirectory, to, 0), "rename", $"{from} to {to}");

    /// <summary>fchmod(2).</summary>
    public static void SetMode(FileDescriptor file, uint mode) =>
        LinuxException.Check(FchmodNative(file, mode), "fchmod");

    /// <summary>dup2(2): makes <paramref name="target"/> (a standard stream's number) refer to the same file.</summary>
    public static void Replace(int target, FileDescriptor source) =>
        LinuxException.Check(Dup2Native(source, target), "dup2");

    internal static bool Interrupted() => Marshal.GetLastPInvokeError() == (int)Errno.EINTR;

    /// <summary>
    /// Maps the flags whose arm64 numbers differ: O_DIRECT, O_DIRECTORY and O_NOFOLLOW (arch/arm64/include/uapi/asm/fcntl.h).
    /// </summary>
    internal static int ForThisProcessor(OpenFlags flags)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.Arm64)
            return (int)flags;
        int bits = (int)(flags & ~(OpenFlags.Direct | OpenFlags.Directory | OpenFlags.NoFollow));
        bits |= (flags & OpenFlags.Directory) != 0 ? 0x4000 : 0;
        bits |= (flags & OpenFlags.NoFollow) != 0 ? 0x8000 : 0;
        return bits | ((flags & OpenFlags.Direct) != 0 ? 0x10000 : 0);
    }

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenNative(int directory, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AccessAtNative(int directory, string path, int mode, int flags);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkdirAtNative(FileDescriptor directory, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkAtNative(FileDescriptor directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int RenameAt2Native(
        FileDescriptor fromDirectory, string from, FileDescriptor toDirectory, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int FchmodNative(FileDescriptor descriptor, uint mode);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Dup2Native(FileDescriptor from, int to);
}
