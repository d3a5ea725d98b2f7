using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Receives a descriptor over a Unix socket (unix(7), SCM_RIGHTS).</summary>
public static unsafe partial class PassedDescriptor
{
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int CloseOnExec = 0x40000000;
    private const int PayloadBytes = 4096;
    private const int ControlBytes = 256;

    /// <summary>Receives one message. Null when the message carries no descriptor.</summary>
    public static FileDescriptor? Receive(SafeHandle socket)
    {
        byte* payload = stackalloc byte[PayloadBytes];
        byte* control = stackalloc byte[ControlBytes];
        Sockets.IoVector vector = new() { Base = payload, Length = PayloadBytes };
        Sockets.MessageHeader message = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlBytes };
        nint count;
        do
            count = ReceiveNative(socket, &message, CloseOnExec);
        while (count < 0 && (Errno)Marshal.GetLastPInvokeError() == Errno.EINTR);
        // struct cmsghdr (cmsg(3)): length, level, type; the descriptors follow.
        if (count < 0 || message.ControlLength < (nuint)(sizeof(nuint) + (3 * sizeof(int))))
            return null;
        int* header = (int*)(control + sizeof(nuint));
        return header[0] == SocketLevel && header[1] == Rights ? new FileDescriptor(header[2]) : null;
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveNative(SafeHandle socket, Sockets.MessageHeader* message, int flags);
}
