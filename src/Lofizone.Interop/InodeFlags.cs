using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Attributes of files that chattr(1) sets (ioctl_iflags(2)).</summary>
internal static partial class InodeFlags
{
    /// <summary>FS_IOC_GETFLAGS: _IOR('f', 1, long). The kernel reads and writes an int.</summary>
    private const nuint GetFlags = 0x80086601;

    /// <summary>FS_IOC_SETFLAGS: _IOW('f', 2, long).</summary>
    private const nuint SetFlags = 0x40086602;

    private const int Immutable = 0x10, AppendOnly = 0x20;

    /// <summary>True when an attribute forbids to change, link or remove the file.</summary>
    public static bool ForbidChange(FileDescriptor file)
    {
        int flags = 0;
        return FileStatus.Of(file).Kind is FileKind.Regular or FileKind.Directory && IoctlNative(file, GetFlags, ref flags) == 0
            && (flags & (Immutable | AppendOnly)) != 0;
    }

    /// <summary>Removes the attributes that forbid to change or remove the file. A file without such attributes stays unchanged.</summary>
    public static void Release(FileDescriptor file)
    {
        // On a device the same request numbers could have another meaning.
        if (FileStatus.Of(file).Kind is not (FileKind.Regular or FileKind.Directory))
            return;
        int flags = 0;
        if (IoctlNative(file, GetFlags, ref flags) != 0 || (flags & (Immutable | AppendOnly)) == 0)
            return;
        flags &= ~(Immutable | AppendOnly);
        _ = IoctlNative(file, SetFlags, ref flags);
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlNative(FileDescriptor file, nuint request, ref int flags);
}
