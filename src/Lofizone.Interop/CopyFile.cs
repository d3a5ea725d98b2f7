using System.Buffers;
using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// Copies file contents inside the kernel where the kernel can: copy_file_range(2), which a file system may turn into a reflink; then
/// sendfile(2), which works between any two file systems; then read(2) and write(2).
/// </summary>
public static partial class CopyFile
{
    /// <summary>Number of bytes per call. The number bounds the duration of one call, and so the delay of a cancellation.</summary>
    private const int ChunkBytes = 8 << 20;

    private const int BufferBytes = 256 << 10;

    /// <summary>Copies from the current positions to the end of <paramref name="source"/>.</summary>
    /// <returns>Number of bytes copied, which differs from an earlier length when the file has changed since.</returns>
    /// <exception cref="LinuxException">ENOSPC, EIO and so on, with the name of the failed call.</exception>
    public static long Content(FileDescriptor source, FileDescriptor destination, CancellationToken cancellation)
    {
        long total = 0;
        Method method = Method.CopyRange;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            long count = method switch
            {
                Method.CopyRange => CopyFileRange(source, 0, destination, 0, ChunkBytes, 0),
                Method.SendFile => SendFile(destination, source, 0, ChunkBytes),
                _ => ReadThenWrite(source, destination),
            };
            if (count > 0)
            {
                total += count;
                continue;
            }

            if (count == 0)
                return total;
            Errno errno = (Errno)Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR)
                continue;
            // EXDEV, EINVAL, EOPNOTSUPP, ENOSYS, EPERM (a seccomp filter): this method is not available here. The failed call copied
            // nothing.
            if (method != Method.ReadWrite && errno is (Errno)18 or Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENOSYS or Errno.EPERM)
                method++;
            else
                throw new LinuxException(
                    errno, method == Method.CopyRange ? "copy_file_range" : method == Method.SendFile ? "sendfile" : "write");
        }
    }

    private enum Method
    {
        CopyRange,
        SendFile,
        ReadWrite,
    }

    private static long ReadThenWrite(FileDescriptor source, FileDescriptor destination)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            nint count = Read(source, buffer, (nuint)buffer.Length);
            return count <= 0 ? count : WriteAll(destination, buffer.AsSpan(0, (int)count)) ? count : -1;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes all of <paramref name="data"/> at the current position.</summary>
    public static void Write(FileDescriptor destination, ReadOnlySpan<byte> data)
    {
        if (!WriteAll(destination, data))
            throw LinuxException.Last("write");
    }

    private static bool WriteAll(FileDescriptor destination, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            nint count = WriteNative(destination, data, (nuint)data.Length);
            if (count >= 0)
                data = data[(int)count..];
            else if ((Errno)Marshal.GetLastPInvokeError() != Errno.EINTR)
                return false;
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    private static partial nint CopyFileRange(
        FileDescriptor source, nint sourceOffset, FileDescriptor destination, nint destinationOffset, nuint length, uint flags);

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    private static partial nint SendFile(FileDescriptor destination, FileDescriptor source, nint offset, nuint length);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(FileDescriptor source, byte[] buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteNative(FileDescriptor destination, ReadOnlySpan<byte> data, nuint length);
}
