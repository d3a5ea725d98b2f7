using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>flock(2) on a small lock file of this host. The lock ends with the process that holds it, however that process ends.</summary>
public static partial class FileLock
{
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int CloseOnExec = 0x80000;
    private const int NoFollow = 0x20000;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;

    /// <summary>Opens a lock file, or creates it with mode 0600. A symbolic link is not followed.</summary>
    public static FileDescriptor Open(string path)
    {
        int descriptor = OpenNative(path, ReadWrite | Create | CloseOnExec | NoFollow, 0x180);
        return descriptor >= 0 ? new FileDescriptor(descriptor) : throw LinuxException.Last("open", path);
    }

    /// <summary>Takes the exclusive lock. False when another process still holds the lock after <paramref name="patience"/>.</summary>
    public static bool TryExclusive(FileDescriptor file, TimeSpan patience, TimeSpan retry)
    {
        long start = Stopwatch.GetTimestamp();
        using ManualResetEventSlim never = new();
        while (FlockNative(file.Number, LockExclusive | LockNonBlocking) != 0)
        {
            LinuxException error = LinuxException.Last("flock");
            if (error.Errno is not (Errno.EAGAIN or Errno.EINTR))
                throw error;
            if (Stopwatch.GetElapsedTime(start) >= patience)
                return false;
            never.Wait(retry);
        }

        return true;
    }

    /// <summary>Replaces the content of an open lock file.</summary>
    public static void Replace(FileDescriptor file, ReadOnlySpan<byte> content)
    {
        FileContent.SetLength(file, 0);
        FileContent.Write(file, content, 0);
    }

    /// <summary>The first bytes of an open lock file as text. The caller needs no lock.</summary>
    public static string ReadText(FileDescriptor file)
    {
        Span<byte> content = stackalloc byte[256];
        return System.Text.Encoding.UTF8.GetString(content[..FileContent.Read(file, content, 0)]);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenNative(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FlockNative(int descriptor, int operation);
}
