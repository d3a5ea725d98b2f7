using Lofizone.Basics;

namespace Lofizone.Fuse;

/// <summary>
/// Pinned buffers for requests under way, in two sizes, so that many small requests don't each hold room for a large one.
/// Counted: beyond the bound a reader waits until a request ends.
/// </summary>
internal sealed class BufferPool : IDisposable
{
    /// <summary>Data of a small buffer, bytes.</summary>
    public const int SmallDataBytes = 64 << 10;

    /// <summary>
    /// Requests with large buffers under way at once: 24 MiB are more than any link has on its way, and an engine stays small.
    /// </summary>
    public const int LargeLimit = 24;

    /// <summary>
    /// Requests with small buffers under way at once: four times what the kernel sends unasked (max_background), for direct callers.
    /// </summary>
    public const int SmallLimit = 4 * FuseLimits.MaxBackground;

    private readonly Pool<byte[]> _small = new(() => New(SmallDataBytes));
    private readonly Pool<byte[]> _large = new(() => Resident(New(FuseLimits.MaxDataBytes)));
    private readonly SemaphoreSlim _smallLeft = new(SmallLimit);
    private readonly SemaphoreSlim _largeLeft = new(LargeLimit);

    /// <summary>A buffer for at least this many bytes of data and the headers before it.</summary>
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
    /// Gives every page of a buffer that requests are read into its memory now. A process that is being killed may still be handed a
    /// request, by a thread on its way out; where the kernel had to find memory for it then, it would fail the request (EIO) instead of
    /// leaving it for a successor.
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
