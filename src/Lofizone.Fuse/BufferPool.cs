using Lofizone.Basics;

namespace Lofizone.Fuse;

/// <summary>
/// Pinned buffers for requests under way, in two sizes, so that many small requests do not each hold room for a large one. The number of
/// buffers is bounded: beyond the bound a reader waits until a request ends.
/// </summary>
internal sealed class BufferPool : IDisposable
{
    /// <summary>Room for data in a small buffer, bytes.</summary>
    public const int SmallDataBytes = 64 << 10;

    /// <summary>
    /// Largest number of requests with large buffers under way. 24 MiB are more than any link has on its way, and the engine stays small.
    /// </summary>
    public const int LargeLimit = 24;

    /// <summary>
    /// Largest number of requests with small buffers under way: four times the kernel's asynchronous requests (max_background), to leave
    /// room for callers with direct I/O.
    /// </summary>
    public const int SmallLimit = 4 * FuseLimits.MaxBackground;

    private readonly Pool<byte[]> _small = new(() => New(SmallDataBytes));
    private readonly Pool<byte[]> _large = new(() => Resident(New(FuseLimits.MaxDataBytes)));
    private readonly SemaphoreSlim _smallLeft = new(SmallLimit);
    private readonly SemaphoreSlim _largeLeft = new(LargeLimit);

    /// <summary>Rents a buffer for at least this many bytes of data and the headers before the data.</summary>
    public byte[] Rent(int dataBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dataBytes, FuseLimits.MaxDataBytes);
        if (dataBytes <= SmallDataBytes)
        {
            _smallLeft.Wait();
            return _small.Rent();
        }

        _largeLeft.Wait();
        return _large.Rent();
    }

    public void Return(byte[] buffer)
    {
        if (buffer.Length == FuseLimits.WriteDataOffset + SmallDataBytes)
        {
            _small.Return(buffer);
            _smallLeft.Release();
            return;
        }

        _large.Return(buffer);
        _largeLeft.Release();
    }

    public void Dispose()
    {
        _smallLeft.Dispose();
        _largeLeft.Dispose();
    }

    /// <summary>
    /// Gives every page of a buffer its memory now. The kernel may hand a request to a thread of a dying process on the thread's way out.
    /// If the kernel then had to find memory for the buffer, it would fail the request (EIO) instead of leaving the request for a
    /// successor.
    /// </summary>
    private static byte[] Resident(byte[] buffer)
    {
        for (int i = 0; i < buffer.Length; i += Environment.SystemPageSize)
            Volatile.Write(ref buffer[i], 0);
        Volatile.Write(ref buffer[^1], 0);
        return buffer;
    }

    private static byte[] New(int dataBytes) => GC.AllocateUninitializedArray<byte>(FuseLimits.WriteDataOffset + dataBytes, pinned: true);
}
