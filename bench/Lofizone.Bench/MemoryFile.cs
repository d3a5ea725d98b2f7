using Lofizone.Fuse;

namespace Lofizone.Bench;

/// <summary>A file of zeros and of what was written, in chunks of memory made when first written.</summary>
internal sealed class MemoryFile(long length) : IBlockFile
{
    private const int ChunkBytes = 4 << 20;

    private readonly byte[]?[] _chunks = new byte[]?[(length + ChunkBytes - 1) / ChunkBytes];

    public long Length => length;

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        Span<byte> left = buffer.Span[..(int)Math.Min(buffer.Length, length - offset)];
        int count = left.Length;
        while (left.Length > 0)
        {
            (int chunk, int at, int step) = Locate(offset, left.Length);
            if (_chunks[chunk] is { } data)
                data.AsSpan(at, step).CopyTo(left);
            else
                left[..step].Clear();
            left = left[step..];
            offset += step;
        }

        return new ValueTask<int>(count);
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        ReadOnlySpan<byte> left = data.Span;
        while (left.Length > 0)
        {
            (int chunk, int at, int step) = Locate(offset, left.Length);
            byte[] target = _chunks[chunk] ?? Interlocked.CompareExchange(ref _chunks[chunk], new byte[ChunkBytes], null) ?? _chunks[chunk]!;
            left[..step].CopyTo(target.AsSpan(at));
            left = left[step..];
            offset += step;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation) =>
        ValueTask.FromException(new NotSupportedException("memory: no holes"));

    private static (int Chunk, int At, int Step) Locate(long offset, int left)
    {
        int at = (int)(offset % ChunkBytes);
        return ((int)(offset / ChunkBytes), at, Math.Min(left, ChunkBytes - at));
    }
}
