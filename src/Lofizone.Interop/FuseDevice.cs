using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// System calls on /dev/fuse (fuse(4), linux/fuse.h). Read and Write return a negative error number instead of throwing. A connection ends
/// with errors such as ENODEV, and every block passes through these calls.
/// </summary>
public static unsafe partial class FuseDevice
{
    /// <summary>The device that mount(2) binds to a file system.</summary>
    public const string Path = "/dev/fuse";

    /// <summary>Major version of the protocol that this program speaks (FUSE_KERNEL_VERSION).</summary>
    public const uint Major = 7;

    /// <summary>Minor version of the protocol, which Linux 6.1 and later support. Older versions have shorter structs.</summary>
    public const uint Minor = 36;

    /// <summary>The notification that asks the kernel for every unanswered request again (FUSE_NOTIFY_RESEND, Linux 6.9).</summary>
    public const int NotifyResend = 7;

    private const int OpenReadWrite = 2;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>FUSE_DEV_IOC_CLONE: _IOR(229, 0, uint32_t).</summary>
    private const uint CloneRequest = 0x8004E500;

    /// <summary>A new descriptor that is not bound to a file system yet.</summary>
    /// <exception cref="LinuxException">ENOENT or ENODEV: the kernel has no FUSE; EACCES or EPERM: not allowed.</exception>
    public static FileDescriptor Open()
    {
        var descriptor = OpenNative(Path, OpenReadWrite | OpenCloseOnExec);
        return descriptor < 0 ? throw LinuxException.Last("open", Path) : new FileDescriptor(descriptor);
    }

    /// <summary>
    /// A second descriptor of the same connection with its own queue (FUSE_DEV_IOC_CLONE). A request is answered on the descriptor that it
    /// was read from, and fails when that descriptor's last holder closes it.
    /// </summary>
    /// <exception cref="LinuxException">EINVAL: <paramref name="session"/> is not bound to a file system.</exception>
    public static FileDescriptor Clone(FileDescriptor session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var clone = Open();
        try
        {
            Bind(clone, session);
            return clone;
        }
        catch
        {
            clone.Dispose();
            throw;
        }
    }

    /// <summary>Makes an unbound descriptor another descriptor of a connection, as <see cref="Clone"/> does.</summary>
    /// <exception cref="LinuxException">
    /// EINVAL: <paramref name="session"/> is not bound, or <paramref name="clone"/> is bound already.
    /// </exception>
    public static void Bind(FileDescriptor clone, FileDescriptor session)
    {
        var number = (uint)session.Number;
        LinuxException.Check(IoctlNative(clone.Number, CloneRequest, &number), "ioctl FUSE_DEV_IOC_CLONE", Path);
    }

    /// <summary>Waits for one whole request. Returns the request's length in bytes, or a negative error number.</summary>
    public static int Read(int descriptor, byte* buffer, int length)
    {
        var count = ReadNative(descriptor, buffer, (nuint)length);
        return count < 0 ? -Marshal.GetLastPInvokeError() : (int)count;
    }

    /// <summary>Writes one whole reply or notification. Returns 0, or a negative error number.</summary>
    public static int Write(int descriptor, byte* buffer, int length)
    {
        var count = WriteNative(descriptor, buffer, (nuint)length);
        return count == length ? 0 : count < 0 ? -Marshal.GetLastPInvokeError() : -(int)Errno.EIO;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenNative(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlNative(int descriptor, nuint request, uint* argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadNative(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteNative(int descriptor, byte* buffer, nuint length);
}
