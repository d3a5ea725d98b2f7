using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Flags of mount(2), linux/mount.h.</summary>
[Flags]
public enum MountFlags : ulong
{
    None = 0,
    ReadOnly = 1,
    NoSuid = 2,
    NoDev = 4,
    NoExec = 8,

    Remount = 32,

    /// <summary>The kernel follows no symbolic link in the mount (Linux 5.10).</summary>
    NoSymFollow = 256,
    NoAtime = 1024,
    Bind = 4096,
    Recursive = 16384,
    Private = 1 << 18,
    Slave = 1 << 19,
    RelativeAtime = 1 << 21,
}

/// <summary>Flags of umount2(2).</summary>
[Flags]
public enum UnmountFlags
{
    None = 0,

    /// <summary>Abort requests that are under way on the file system (NFS, FUSE).</summary>
    Force = 1,

    /// <summary>Detach now, and clean up when the last user is gone.</summary>
    Detach = 2,

    /// <summary>Do not follow a symbolic link at the target.</summary>
    NoFollow = 8,
}

/// <summary>mount(2) and umount2(2).</summary>
public static partial class Mount
{
    /// <exception cref="LinuxException">The kernel refused; the message names the target.</exception>
    public static void Attach(string? source, string target, string? fileSystemType, MountFlags flags, string? data = null) =>
        LinuxException.Check(MountNative(source, target, fileSystemType, (nuint)flags, data), "mount", target);

    /// <exception cref="LinuxException">EBUSY while the mount is in use; EINVAL when the target is not a mount point.</exception>
    public static void Detach(string target, UnmountFlags flags = UnmountFlags.NoFollow) =>
        LinuxException.Check(UnmountNative(target, (int)flags), "umount", target);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MountNative(string? source, string target, string? type, nuint flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnmountNative(string target, int flags);
}
