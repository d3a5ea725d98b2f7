using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lofizone.Interop;
using Lofizone.Observation;

namespace Lofizone.Fuse;

/// <summary>Replies to the kernel. A reply that the kernel no longer wants (ENOENT: interrupted, ENODEV: unmounted) is dropped.</summary>
/// <param name="tap">Gets every reply; null without a trace.</param>
internal sealed unsafe class FuseReply(IMessageTap? tap)
{
    /// <summary>
    /// Writes the header of a reply with <paramref name="bytes"/> bytes behind it into the start of <paramref name="buffer"/>.
    /// </summary>
    public static void Header(Span<byte> buffer, ulong unique, int error, int bytes) =>
        MemoryMarshal.Write(
            buffer, new FuseOutHeader { Length = (uint)(Unsafe.SizeOf<FuseOutHeader>() + bytes), Error = error, Unique = unique });

    /// <summary>Sends an answer without data: success, or an error.</summary>
    public void Send(int descriptor, ulong unique, Errno error)
    {
        FuseOutHeader header = new() { Length = (uint)sizeof(FuseOutHeader), Error = -(int)error, Unique = unique };
        Send(descriptor, (byte*)&header, sizeof(FuseOutHeader));
    }

    /// <summary>Sends an answer with one struct.</summary>
    public void Send<T>(int descriptor, ulong unique, in T body)
        where T : unmanaged
    {
        byte* buffer = stackalloc byte[sizeof(FuseOutHeader) + sizeof(T)];
        Span<byte> reply = new(buffer, sizeof(FuseOutHeader) + sizeof(T));
        Header(reply, unique, 0, sizeof(T));
        MemoryMarshal.Write(reply[sizeof(FuseOutHeader)..], in body);
        Send(descriptor, buffer, reply.Length);
    }

    /// <summary>Sends an answer whose data stands behind its header already.</summary>
    public void SendData(int descriptor, byte* reply, int length) => Send(descriptor, reply, length, shownBytes: sizeof(FuseOutHeader));

    /// <exception cref="LinuxException">The kernel refused the reply for a reason that is a defect of this program.</exception>
    private void Send(int descriptor, byte* reply, int length, int shownBytes = int.MaxValue)
    {
        // The reply is shown before the kernel has it, because the kernel may send the next request at once.
        if (tap is { IsOn: true })
            tap.Take(
                new TappedMessage
                {
                    Kind = MessageKind.Reply,
                    Bytes = new ReadOnlySpan<byte>(reply, Math.Min(length, shownBytes)),
                    TotalBytes = length,
                });
        int result = FuseDevice.Write(descriptor, reply, length);
        if (result == 0)
            return;
        Errno errno = (Errno)(-result);
        if (errno is not (Errno.ENOENT or Errno.ENODEV or Errno.EBADF))
            throw new LinuxException(errno, "write", FuseDevice.Path);
    }
}
