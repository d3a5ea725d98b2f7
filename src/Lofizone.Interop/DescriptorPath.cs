using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>open(2) and mkfifo(3) for paths that the host itself made: namespace files of /proc, fifos, directories of sockets.</summary>
public static partial class DescriptorPath
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int NonBlocking = 0x800;
    public const int PathOnly = 0x200000;
    private const int CloseOnExec = 0x80000;

    /// <exception cref="LinuxException">The path can't be opened.</exception>
    public static FileDescriptor Open(string path, int flags)
    {
        FileDescriptor descriptor = OpenNative(path, flags | CloseOnExec, 0);
        return descriptor.IsInvalid ? throw LinuxException.Last("open", path) : descriptor;
    }

    /// <summary>Opens a descriptor that the next program started by execve(2) keeps.</summary>
    /// <exception cref="LinuxException">The path can't be opened.</exception>
    public static FileDescriptor OpenInherited(string path, int flags)
    {
        FileDescriptor descriptor = OpenNative(path, flags, 0);
        return descriptor.IsInvalid ? throw LinuxException.Last("open", path) : descriptor;
    }

    /// <summary>Makes a fifo that only its owner may open.</summary>
    /// <exception cref="LinuxException">EEXIST, among others.</exception>
    public static void MakeFifo(string path) =>
        LinuxException.Check(MakeFifoNative(path, 0x180), "mkfifo", path);

    /// <summary>Changes the owner of a file or directory. A symbolic link is not followed.</summary>
    /// <exception cref="LinuxException">The owner can't be set.</exception>
    public static void ChangeOwner(string path, uint user, uint group) =>
        LinuxException.Check(ChangeOwnerNative(path, user, group), "lchown", path);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial FileDescriptor OpenNative(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifoNative(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwnerNative(string path, uint user, uint group);
}
