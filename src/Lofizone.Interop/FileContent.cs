using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Mode bits of fallocate(2), linux/falloc.h.</summary>
[Flags]
public enum AllocateMode : uint
{
    None = 0,
    KeepSize = 1,
    PunchHole = 2,
    ZeroRange = 16,
}

/// <summary>Reading, writing and sizing open files.</summary>
public static partial class FileContent
{
    /// <summary>pread(2) until <paramref name="buffer"/> is full or the file ends. Returns the number of bytes read.</summary>
    public static int Read(FileDescriptor file, Span<byte> buffer, long offset)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            Span<byte> rest = buffer[done..];
            nint count = PreadNative(file, ref MemoryMarshal.GetReference(rest), (nuint)rest.Length, offset + done);
            if (count == 0)
                break;
            if (count < 0 && !Files.Interrupted())
                throw LinuxException.Last("pread");
            done += (int)Math.Max(count, 0);
        }

        return done;
    }

    /// <summary>pwrite(2) until all of <paramref name="data"/> is written.</summary>
    public static void Write(FileDescriptor file, ReadOnlySpan<byte> data, long offset)
    {
        int done = 0;
        while (done < data.Length)
        {
            ReadOnlySpan<byte> rest = data[done..];
            nint count = PwriteNative(file, ref MemoryMarshal.GetReference(rest), (nuint)rest.Length, offset + done);
            if (count < 0 && !Files.Interrupted())
                throw LinuxException.Last("pwrite");
            done += (int)Math.Max(count, 0);
        }
    }

    /// <summary>fsync(2).</summary>
    public static void Sync(FileDescriptor file)
    {
        while (FsyncNative(file) != 0)
            if (!Files.Interrupted())
                throw LinuxException.Last("fsync");
    }

    /// <summary>ftruncate(2).</summary>
    public static void SetLength(FileDescriptor file, long length)
    {
        while (FtruncateNative(file, length) != 0)
            if (!Files.Interrupted())
                throw LinuxException.Last("ftruncate");
    }

    /// <summary>fallocate(2).</summary>
    /// <exception cref="LinuxException">EOPNOTSUPP when the file system does not support the mode.</exception>
    public static void Allocate(FileDescriptor file, AllocateMode mode, long offset, long length)
    {
        while (FallocateNative(file, (int)mode, offset, length) != 0)
            if (!Files.Interrupted())
                throw LinuxException.Last("fallocate");
    }

    [LibraryImport("libc", EntryPoint = "pread64", SetLastError = true)]
    private static partial nint PreadNative(FileDescriptor descriptor, ref byte buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite64", SetLastError = true)]
    private static partial nint PwriteNative(FileDescriptor descriptor, ref byte buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FsyncNative(FileDescriptor descriptor);

    [LibraryImport("libc", EntryPoint = "ftruncate64", SetLastError = true)]
    private static partial int FtruncateNative(FileDescriptor descriptor, long length);

    [LibraryImport("libc", EntryPoint = "fallocate64", SetLastError = true)]
    private static partial int FallocateNative(FileDescriptor descriptor, int mode, long offset, long length);
}
