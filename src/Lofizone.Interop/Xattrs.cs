using System.Runtime.InteropServices;
using System.Text;

namespace Lofizone.Interop;

/// <summary>Extended attributes (xattr(7)) of a path's last component. A symbolic link is not followed.</summary>
public static partial class Xattrs
{
    /// <summary>The kernel's limits XATTR_LIST_MAX and XATTR_SIZE_MAX (linux/limits.h), bytes.</summary>
    private const int LimitBytes = 65536;

    /// <summary>Size of the first buffer. Nearly every file has no attribute, so that one call with a small buffer suffices.</summary>
    private const int FirstBytes = 512;

    /// <summary>Names of the attributes; empty when the file system supports none.</summary>
    public static IReadOnlyList<string> List(string path)
    {
        byte[] buffer = new byte[FirstBytes];
        nint length = ListNative(path, buffer, (nuint)buffer.Length);
        if (length < 0 && (Errno)Marshal.GetLastPInvokeError() == Errno.ERANGE)
        {
            buffer = new byte[LimitBytes];
            length = ListNative(path, buffer, (nuint)buffer.Length);
        }

        if (length >= 0)
            return length == 0 ? [] : Encoding.UTF8.GetString(buffer, 0, (int)length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        LinuxException error = LinuxException.Last("llistxattr", path);
        return error.Errno == Errno.EOPNOTSUPP ? [] : throw error;
    }

    /// <summary>Value of an attribute; null when the file does not have the attribute.</summary>
    public static byte[]? Get(string path, string name)
    {
        byte[] buffer = new byte[LimitBytes];
        nint length = GetNative(path, name, buffer, (nuint)buffer.Length);
        if (length >= 0)
            return buffer[..(int)length];
        LinuxException error = LinuxException.Last("lgetxattr", $"{path} {name}");
        return error.Errno is Errno.ENODATA or Errno.EOPNOTSUPP ? null : throw error;
    }

    public static void Set(string path, string name, byte[] value) =>
        LinuxException.Check(SetNative(path, name, value, (nuint)value.Length, 0), "lsetxattr", $"{path} {name}");

    [LibraryImport("libc", EntryPoint = "llistxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ListNative(string path, byte[] list, nuint size);

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetNative(string path, string name, byte[] value, nuint size);

    [LibraryImport("libc", EntryPoint = "lsetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string path, string name, byte[] value, nuint size, int flags);
}
