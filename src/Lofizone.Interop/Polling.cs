using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>struct pollfd of poll.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollDescriptor
{
    /// <summary>The descriptor to watch. poll(2) ignores a negative descriptor.</summary>
    public int Descriptor;
    public short Events;
    public short Returned;

    public PollDescriptor(int descriptor)
    {
        Descriptor = descriptor;
        Events = Polling.Readable;
    }

    /// <summary>True when a read would not block: data, end of file or an error waits.</summary>
    public readonly bool Ready => Returned != 0;
}

/// <summary>poll(2), read(2) and write(2) on plain descriptors such as terminals, fifos and pidfds.</summary>
public static unsafe partial class Polling
{
    internal const short Readable = 1;

    /// <summary>Waits until one descriptor is ready. False when the limit has passed or a signal came.</summary>
    /// <param name="descriptors">The descriptors to watch; <see cref="PollDescriptor.Returned"/> is set.</param>
    /// <param name="limit">Longest wait; a negative limit waits forever.</param>
    public static bool Wait(Span<PollDescriptor> descriptors, TimeSpan limit)
    {
        int milliseconds = limit < TimeSpan.Zero ? -1 : (int)Math.Min(int.MaxValue, Math.Ceiling(limit.TotalMilliseconds));
        foreach (ref PollDescriptor descriptor in descriptors)
            descriptor.Returned = 0;
        fixed (PollDescriptor* first = descriptors)
        {
            int count = PollNative(first, (nuint)descriptors.Length, milliseconds);
            if (count < 0 && (Errno)Marshal.GetLastPInvokeError() != Errno.EINTR)
                throw LinuxException.Last("poll");
            return count > 0;
        }
    }

    /// <summary>Number of bytes read; 0 at the end of the file; -1 when no byte can be read (now, or any more).</summary>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            nint count;
            do
                count = ReadNative(descriptor, first, (nuint)buffer.Length);
            while (count < 0 && (Errno)Marshal.GetLastPInvokeError() == Errno.EINTR);
            return (int)count;
        }
    }

    /// <summary>Writes all bytes, and waits as the descriptor demands.</summary>
    /// <exception cref="LinuxException">EPIPE, among others.</exception>
    public static void WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            fixed (byte* first = bytes)
            {
                nint count = WriteNative(descriptor, first, (nuint)bytes.Length);
                Errno errno = count < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
                if (errno == Errno.EAGAIN)
                {
                    PollDescriptor writable = new() { Descriptor = descriptor, Events = 4 };
                    Wait(new Span<PollDescriptor>(ref writable), TimeSpan.FromSeconds(1));
                }
                else if (errno is not (Errno.None or Errno.EINTR))
                    throw new LinuxException(errno, "write");
                bytes = bytes[(int)Math.Max(0, count)..];
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollNative(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadNative(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteNative(int descriptor, byte* buffer, nuint length);
}
