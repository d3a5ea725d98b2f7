using System.Runtime.InteropServices;
using System.Text;

namespace Lofizone.Interop;

/// <summary>Network interfaces of the calling thread's network namespace (netdevice(7)).</summary>
public static unsafe partial class NetworkInterface
{
    private const int Inet = 2;
    private const int DatagramCloseOnExec = 2 | 0x80000;
    private const uint GetFlags = 0x8913;
    private const uint SetFlags = 0x8914;
    private const short Up = 1;

    /// <summary>IFNAMSIZ, the terminating zero included; behind it in struct ifreq come the flags.</summary>
    private const int NameBytes = 16;

    private const int RequestBytes = 40;

    /// <summary>Switches an interface on, as <c>ip link set NAME up</c> does.</summary>
    /// <exception cref="LinuxException">There is no such interface, or this thread may not.</exception>
    public static void SwitchOn(string name)
    {
        byte* request = stackalloc byte[RequestBytes];
        new Span<byte>(request, RequestBytes).Clear();
        if (Encoding.UTF8.GetByteCount(name) >= NameBytes)
            throw new LinuxException(Errno.ENODEV, "ioctl", name);
        Encoding.UTF8.GetBytes(name, new Span<byte>(request, NameBytes));
        int number = SocketNative(Inet, DatagramCloseOnExec, 0);
        if (number < 0)
            throw LinuxException.Last("socket", name);
        using FileDescriptor socket = new(number);
        short* flags = (short*)(request + NameBytes);
        LinuxException.Check(IoctlNative(socket.Number, GetFlags, request), "ioctl", name);
        *flags |= Up;
        LinuxException.Check(IoctlNative(socket.Number, SetFlags, request), "ioctl", name);
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int SocketNative(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlNative(int descriptor, nuint request, void* argument);
}
