using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>sendmsg(2) with several parts of one message, without an allocation per call. Socket.Send allocates.</summary>
public static partial class Sockets
{
    private const int MsgDontWait = 0x40;
    private const int MsgNoSignal = 0x4000;

    /// <summary>
    /// TCP_USER_TIMEOUT (tcp(7), linux/tcp.h), in milliseconds: time for which sent data may stay unacknowledged before the connection
    /// fails.
    /// </summary>
    public const int TcpUserTimeout = 18;

    /// <summary>TCP_INFO (tcp(7), linux/tcp.h): the kernel's measurements of a connection, a struct tcp_info.</summary>
    public const int TcpInfo = 11;

    /// <summary>Number of bytes of struct tcp_info that this program reads: up to the end of tcpi_min_rtt.</summary>
    public const int TcpInfoBytes = MinRoundTripOffset + sizeof(uint);

    /// <summary>IPPROTO_TCP, the level of <see cref="TcpUserTimeout"/>.</summary>
    public const int TcpLevel = 6;

    /// <summary>Offset of tcpi_retransmits in struct tcp_info, linux/tcp.h.</summary>
    internal const int RetransmitsOffset = 2;

    /// <summary>Offset of tcpi_unacked in struct tcp_info.</summary>
    internal const int UnacknowledgedOffset = 24;

    /// <summary>Offset of tcpi_min_rtt in struct tcp_info, linux/tcp.h.</summary>
    internal const int MinRoundTripOffset = 148;

    /// <summary>
    /// Number of retransmission timeouts in a row without an acknowledgement, while data waits for one (tcpi_retransmits, tcpi_unacked).
    /// </summary>
    /// <param name="tcpInfo">Bytes of struct tcp_info, as many as the kernel returned.</param>
    public static int LostTransmissions(ReadOnlySpan<byte> tcpInfo)
    {
        if (tcpInfo.Length < UnacknowledgedOffset + sizeof(uint) || MemoryMarshal.Read<uint>(tcpInfo[UnacknowledgedOffset..]) == 0)
            return 0;
        return tcpInfo[RetransmitsOffset];
    }

    /// <summary>The smallest round trip that the kernel has seen lately. Null when the kernel did not report one.</summary>
    /// <param name="tcpInfo">Bytes of struct tcp_info, as many as the kernel returned.</param>
    public static TimeSpan? MinRoundTrip(ReadOnlySpan<byte> tcpInfo)
    {
        if (tcpInfo.Length < TcpInfoBytes)
            return null;
        uint microseconds = MemoryMarshal.Read<uint>(tcpInfo[MinRoundTripOffset..]);
        return microseconds is 0 or uint.MaxValue ? null : TimeSpan.FromMicroseconds(microseconds);
    }

    /// <summary>Sends the three parts one after the other; any part may be empty.</summary>
    /// <param name="socket">A connected stream socket.</param>
    /// <param name="first">First part.</param>
    /// <param name="second">Second part.</param>
    /// <param name="third">Third part.</param>
    /// <param name="wait">False: send only as much as fits into the socket's buffer now.</param>
    /// <returns>
    /// Number of bytes that the kernel took, possibly fewer than given. 0 when no byte fits and <paramref name="wait"/> is false.
    /// </returns>
    /// <exception cref="LinuxException">The connection has ended.</exception>
    public static unsafe int Send(
        SafeHandle socket, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, bool wait)
    {
        // SAFETY: the spans stay pinned until sendmsg has copied their bytes; the vector and the header live on this stack frame.
        fixed (byte* a = first, b = second, c = third)
        {
            IoVector* vectors = stackalloc IoVector[3];
            int count = 0;
            if (first.Length > 0)
                vectors[count++] = new IoVector { Base = a, Length = (nuint)first.Length };
            if (second.Length > 0)
                vectors[count++] = new IoVector { Base = b, Length = (nuint)second.Length };
            if (third.Length > 0)
                vectors[count++] = new IoVector { Base = c, Length = (nuint)third.Length };
            MessageHeader message = new() { Vectors = vectors, VectorCount = (nuint)count };
            while (true)
            {
                nint sent = SendMessage(socket, &message, MsgNoSignal | (wait ? 0 : MsgDontWait));
                if (sent >= 0)
                    return (int)sent;
                switch ((Errno)Marshal.GetLastPInvokeError())
                {
                    case Errno.EINTR:
                        continue;
                    case Errno.EAGAIN when !wait:
                        return 0;
                    default:
                        throw LinuxException.Last("sendmsg");
                }
            }
        }
    }

    /// <summary>struct iovec of sys/uio.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct msghdr of sys/socket.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static unsafe partial nint SendMessage(SafeHandle socket, MessageHeader* message, int flags);
}
