using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Descriptors 0, 1 and 2, which whoever starts a program may have closed.</summary>
public static partial class StandardDescriptors
{
    private const int GetFlags = 1;

    /// <summary>
    /// Fills those that are closed, so that no file opened later gets their number and becomes what listings or messages are written into.
    /// Standard output is filled with what refuses writes, because what is printed is lost; standard error with what takes all.
    /// </summary>
    public static void Reserve()
    {
        for (int descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (ControlNative(descriptor, GetFlags, 0) >= 0 || (Errno)Marshal.GetLastPInvokeError() != Errno.EBADF)
                continue;
            // The lowest free number is the one that is missing.
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

    /// <summary>Waits until a pipe's or socket's other end is gone.</summary>
    public static void WaitForReadersEnd(int descriptor)
    {
        // Errors are told without being asked for.
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
