using System.Buffers;
using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Files with holes, and copies that keep holes or share blocks: lseek(2), ioctl_ficlone(2), copy_file_range(2).</summary>
public static partial class SparseFile
{
    /// <summary>FICLONE of linux/fs.h: _IOW(0x94, 9, int).</summary>
    private const nuint CloneRequest = 0x40049409;

    private const int SeekData = 3;
    private const int SeekHole = 4;

    /// <summary>Number of bytes per call. The number bounds the delay of a cancellation.</summary>
    private const int ChunkBytes = 8 << 20;

    private const int BufferBytes = 256 << 10;

    /// <summary>Offset of the next data at or behind <paramref name="offset"/>; null when there is no more data.</summary>
    public static long? NextData(FileDescriptor file, long offset) => Seek(file, offset, SeekData);

    /// <summary>
    /// Offset of the next hole at or behind <paramref name="offset"/>; the end of the file counts as a hole. Null when
    /// <paramref name="offset"/> is behind the end.
    /// </summary>
    public static long? NextHole(FileDescriptor file, long offset) => Seek(file, offset, SeekHole);

    /// <summary>
    /// Makes <paramref name="target"/> equal to <paramref name="source"/> by sharing its blocks. False when the file system does not
    /// support that.
    /// </summary>
    public static bool TryClone(FileDescriptor source, FileDescriptor target)
    {
        while (IoctlNative(target, CloneRequest, source) != 0)
        {
            Errno errno = (Errno)Marshal.GetLastPInvokeError();
            // EXDEV: another file system. ENOTTY: a file system that does not know the request.
            if (errno is (Errno)18 or (Errno)25 or Errno.EOPNOTSUPP or Errno.EINVAL)
                return false;
            if (!Files.Interrupted())
                throw new LinuxException(errno, "ioctl(FICLONE)");
        }

        return true;
    }

    /// <summary>Copies a range to the same place in another file, inside the kernel or on the file's server where possible.</summary>
    /// <returns>Number of bytes copied, fewer than requested at the end of the source.</returns>
    public static long CopyRange(FileDescriptor source, FileDescriptor target, long offset, long length, CancellationToken cancellation)
    {
        long done = 0;
        while (done < length)
        {
            cancellation.ThrowIfCancellationRequested();
            long read = offset + done, written = offset + done;
            nint count = CopyFileRangeNative(source, ref read, target, ref written, (nuint)Math.Min(ChunkBytes, length - done), 0);
            if (count < 0
                && (Errno)Marshal.GetLastPInvokeError() is (Errno)18 or Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENOSYS or Errno.EPERM)
                return done + ReadAndWrite(source, target, offset + done, length - done, cancellation);
            if (count < 0 && !Files.Interrupted())
                throw LinuxException.Last("copy_file_range");
            if (count == 0)
                break;
            done += Math.Max(0, count);
        }

        return done;
    }

    private static long ReadAndWrite(FileDescriptor source, FileDescriptor target, long offset, long length, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long done = 0;
            while (done < length)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = FileContent.Read(source, buffer.AsSpan(0, (int)Math.Min(BufferBytes, length - done)), offset + done);
                if (count == 0)
                    break;
                FileContent.Write(target, buffer.AsSpan(0, count), offset + done);
                done += count;
            }

            return done;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long? Seek(FileDescriptor file, long offset, int whence)
    {
        long found = SeekNative(file, offset, whence);
        if (found >= 0)
            return found;
        // ENXIO: the offset is behind the last data, or behind the end (lseek(2)).
        return (Errno)Marshal.GetLastPInvokeError() == Errno.ENXIO ? null : throw LinuxException.Last("lseek");
    }

    [LibraryImport("libc", EntryPoint = "lseek64", SetLastError = true)]
    private static partial long SeekNative(FileDescriptor descriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlNative(FileDescriptor descriptor, nuint request, FileDescriptor source);

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    private static partial nint CopyFileRangeNative(
        FileDescriptor source, ref long sourceOffset, FileDescriptor target, ref long targetOffset, nuint length, uint flags);
}
