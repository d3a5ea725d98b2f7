using System.Runtime.CompilerServices;
using Lofizone.Fuse;
using Lofizone.Interop;
using Lofizone.Nfs;
using Lofizone.Nfs.Protocol;
using Lofizone.Observation;

namespace Lofizone.Engine;

/// <summary>
/// An open NFS file as the file behind a device. The class counts the device's requests, and translates failures into the error numbers
/// that the device's file system understands.
/// </summary>
/// <param name="file">The image, open and locked.</param>
/// <param name="time">Clock of the latencies.</param>
internal sealed class NfsBlockFile(NfsFile file, TimeProvider time) : IBlockFile
{
    /// <summary>Delays the requests. The delay comes before the request is counted, so that latencies tell of the server alone.</summary>
    public IoPacer Pacer { get; } = new(time);

    private readonly OperationMeter _read = new();
    private readonly OperationMeter _write = new();
    private readonly OperationMeter _flush = new();
    private readonly OperationMeter _punch = new();

    public long Length { get; } = file.Length;

    public long Reads => _read.Count;

    public long Writes => _write.Count;

    public long BytesRead => _read.Bytes;

    public long BytesWritten => _write.Bytes;

    public long Failures => _read.Failures + _write.Failures + _flush.Failures + _punch.Failures;

    /// <summary>The device's requests, for <see cref="EngineStatistics.Engine"/>.</summary>
    public IReadOnlyList<OperationFigures> ByOperation() =>
    [
        _read.Read("READ"), _write.Read("WRITE"), _flush.Read("FLUSH"), _punch.Read("PUNCH"),
    ];

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        await Pacer.ReadAsync(buffer.Length, cancellation);
        long started = time.GetTimestamp();
        int count = -1;
        try
        {
            count = await file.ReadAsync(offset, buffer, cancellation);
            return count;
        }
        catch (NfsException e)
        {
            throw Translate(e, "read");
        }
        finally
        {
            _read.Record(time.GetElapsedTime(started), count, failed: count < 0);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        await Pacer.WriteAsync(data.Length, cancellation);
        long started = time.GetTimestamp();
        bool done = false;
        try
        {
            await file.WriteAsync(offset, data, cancellation);
            done = true;
        }
        catch (NfsException e)
        {
            throw Translate(e, "write");
        }
        finally
        {
            _write.Record(time.GetElapsedTime(started), done ? data.Length : 0, failed: !done);
        }
    }

    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        bool done = false;
        try
        {
            await file.CommitAsync(cancellation);
            done = true;
        }
        catch (NfsException e)
        {
            throw Translate(e, "commit");
        }
        finally
        {
            _flush.Record(time.GetElapsedTime(started), 0, failed: !done);
        }
    }

    public async ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation)
    {
        await Pacer.WriteAsync(0, cancellation);
        long started = time.GetTimestamp();
        bool done = false;
        try
        {
            await file.DeallocateAsync(offset, length, cancellation);
            done = true;
        }
        catch (NfsException e)
        {
            throw Translate(e, "deallocate");
        }
        finally
        {
            _punch.Record(time.GetElapsedTime(started), done ? length : 0, failed: !done);
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
