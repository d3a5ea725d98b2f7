using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// Open file description locks (fcntl(2), "Open file description locks"). The open file description owns the lock, not the process, so that
/// the lock goes along with a descriptor into the kernel's loop driver. On NFSv4 the locks are locks of the server.
/// </summary>
public static partial class OfdLock
{
    private const int SetLock = 37;
    private const short WriteLock = 1;
    private const short Unlock = 2;
    private const short FromStart = 0;

    /// <summary>
    /// Takes the write lock on a range in bytes without waiting; length 0 stands for any end. False when another open file holds a lock on
    /// the range.
    /// </summary>
    public static bool TryLock(FileDescriptor file, long offset = 0, long length = 0)
    {
        Flock range = new() { Type = WriteLock, Whence = FromStart, Start = offset, Length = length };
        while (FcntlNative(file, SetLock, ref range) != 0)
        {
            if ((Errno)Marshal.GetLastPInvokeError() is Errno.EAGAIN or Errno.EACCES)
                return false;
            if (!Files.Interrupted())
                throw LinuxException.Last("fcntl(F_OFD_SETLK)");
        }

        return true;
    }

    /// <summary>Gives up the lock on a range. The close of the open file's last descriptor does the same.</summary>
    public static void Release(FileDescriptor file, long offset = 0, long length = 0)
    {
        Flock range = new() { Type = Unlock, Whence = FromStart, Start = offset, Length = length };
        LinuxException.Check(FcntlNative(file, SetLock, ref range), "fcntl(F_OFD_SETLK)");
    }

    /// <summary>struct flock of 64-bit Linux, asm-generic/fcntl.h; l_pid must be 0 for these locks.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Flock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Pid;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FcntlNative(FileDescriptor descriptor, int command, ref Flock range);
}
