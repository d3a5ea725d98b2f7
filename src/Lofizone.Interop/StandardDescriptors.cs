using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Descriptors 0, 1 and 2, which the starter of a program may have closed.</summary>
public static partial class StandardDescriptors
{
    private const int GetFlags = 1;

    /// <summary>
    /// Opens the closed descriptors, so that no later file gets their number and then receives listings or messages. Standard output gets a
    /// descriptor that refuses writes, because output would be lost. Standard error gets a descriptor that takes all writes.
    /// </summary>
    public static void Reserve()
    {
        for (int descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (ControlNative(descriptor, GetFlags, 0) >= 0 || (Errno)Marshal.GetLastPInvokeError() != Errno.EBADF)
                continue;
            // open(2) returns the lowest free number, which is the missing number.
            if (OpenNative("/dev/null", descriptor == 2 ? (int)OpenFlags.WriteOnly : (int)OpenFlags.ReadOnly) < 0)
                throw LinuxException.Last("open", "/dev/null");
        }
    }

    /// <summary>True when the descriptor is a pipe or a socket, whose other end can go away.</summary>
    public static bool HasReader(int descriptor)
    {
        string target = new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget ?? "";
        return target.StartsWith("pipe:", StringComparison.Ordinal) || target.StartsWith("socket:", StringComparison.Ordinal);
    }

    /// <summary>Waits until the other end of a pipe or socket is closed.</summary>
    public static void WaitForReadersEnd(int descriptor)
    {
        // poll(2) reports errors without a request for them.
        Span<PollDescriptor> watched = [new() { Descriptor = descriptor, Events = 0 }];
        while (!Polling.Wait(watched, Timeout.InfiniteTimeSpan))
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int ControlNative(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenNative(string path, int flags);
}
