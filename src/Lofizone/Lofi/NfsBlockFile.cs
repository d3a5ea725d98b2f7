using System.Runtime.CompilerServices;
using Lofizone.Fuse;
using Lofizone.Interop;
using Lofizone.Nfs;

namespace Lofizone.Lofi;

/// <summary>
/// An open NFS file as the file behind a device. Counts what the device does; failures reach it as the error numbers that its file system
/// understands.
/// </summary>
internal sealed class NfsBlockFile(NfsFile file) : IBlockFile
{
    private long _reads;
    private long _writes;
    private long _bytesRead;
    private long _bytesWritten;

    public long Length { get; } = file.Length;

    public long Reads => Volatile.Read(ref _reads);

    public long Writes => Volatile.Read(ref _writes);

    public long BytesRead => Volatile.Read(ref _bytesRead);

    public long BytesWritten => Volatile.Read(ref _bytesWritten);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            int count = await file.ReadAsync(offset, buffer, cancellation);
            Interlocked.Increment(ref _reads);
            Interlocked.Add(ref _bytesRead, count);
            return count;
        }
        catch (NfsException e)
        {
            throw Translate(e, "read");
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        try
        {
            await file.WriteAsync(offset, data, cancellation);
            Interlocked.Increment(ref _writes);
            Interlocked.Add(ref _bytesWritten, data.Length);
        }
        catch (NfsException e)
        {
            throw Translate(e, "write");
        }
    }

    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        try
        {
            await file.CommitAsync(cancellation);
        }
        catch (NfsException e)
        {
            throw Translate(e, "commit");
        }
    }

    public async ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation)
    {
        try
        {
            await file.DeallocateAsync(offset, length, cancellation);
        }
        catch (NfsException e)
        {
            throw Translate(e, "deallocate");
        }
    }

    private LinuxException Translate(NfsException e, string call) => new(
        e.Status switch
        {
            NfsStatus.NoSpc => Errno.ENOSPC,
            NfsStatus.DQuot => Errno.EDQUOT,
            _ => Errno.EIO,
        },
        call,
        $"{file.Path} ({e.Message})");
}
