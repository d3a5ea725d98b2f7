using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lofizone.Interop;

namespace Lofizone.Fuse;

/// <summary>Replies to the kernel. A reply that the kernel no longer wants (ENOENT: interrupted, ENODEV: unmounted) is dropped.</summary>
internal static unsafe class FuseReply
{
    /// <summary>Writes the header of a reply with <paramref name="bytes"/> bytes behind it into the start of <paramref name="buffer"/>.</summary>
    public static void Header(Span<byte> buffer, ulong unique, int error, int bytes) =>
        MemoryMarshal.Write(buffer, new FuseOutHeader { Length = (uint)(Unsafe.SizeOf<FuseOutHeader>() + bytes), Error = error, Unique = unique });

    /// <summary>An answer without data: success, or an error.</summary>
    public static void Send(int descriptor, ulong unique, Errno error)
    {
        FuseOutHeader header = new() { Length = (uint)sizeof(FuseOutHeader), Error = -(int)error, Unique = unique };
        Send(descriptor, (byte*)&header, sizeof(FuseOutHeader));
    }

    /// <summary>An answer with one struct.</summary>
    public static void Send<T>(int descriptor, ulong unique, in T body)
        where T : unmanaged
    {
        byte* buffer = stackalloc byte[sizeof(FuseOutHeader) + sizeof(T)];
        Span<byte> reply = new(buffer, sizeof(FuseOutHeader) + sizeof(T));
        Header(reply, unique, 0, sizeof(T));
        MemoryMarshal.Write(reply[sizeof(FuseOutHeader)..], in body);
        Send(descriptor, buffer, reply.Length);
    }

    /// <exception cref="LinuxException">The kernel refused the reply for a reason that is a defect of ours.</exception>
    public static void Send(int descriptor, byte* reply, int length)
    {
        int result = FuseDevice.Write(descriptor, reply, length);
        if (result == 0)
            return;
        Errno errno = (Errno)(-result);
        if (errno is not (Errno.ENOENT or Errno.ENODEV or Errno.EBADF))
            throw new LinuxException(errno, "write", FuseDevice.Path);
    }
}
