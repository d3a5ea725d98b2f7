using Lofizone.Fuse;
using Lofizone.Interop;

namespace Lofizone.Testing.Fuse;

/// <summary>A file in memory, in sparse pieces of 1 MiB: the store of FUSE tests, and the upper bound in benchmarks.</summary>
/// <param name="length">Length of the file, bytes.</param>
/// <param name="limit">Largest amount of memory, bytes. A write beyond the limit fails with ENOSPC.</param>
public sealed class MemoryBlockFile(long length, long limit = long.MaxValue) : IBlockFile
{
    private const int PieceBytes = 1 << 20;

    private readonly byte[]?[] _pieces = new byte[]?[(length + PieceBytes - 1) / PieceBytes];
    private long _flushes;
    private long _punches;

    public long Length => length;

    public long Flushes => Interlocked.Read(ref _flushes);

    public long Punches => Interlocked.Read(ref _punches);

    /// <summary>Amount of memory in use, bytes.</summary>
    public long Allocated => _pieces.LongCount(p => p is not null) * PieceBytes;

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        int count = (int)Math.Min(buffer.Length, Math.Max(0, length - offset));
        for (int done = 0; done < count;)
        {
            (byte[]? piece, int start, int part) = Find(offset + done, count - done);
            Span<byte> target = buffer.Span.Slice(done, part);
            if (piece is null)
                target.Clear();
            else
                piece.AsSpan(start, part).CopyTo(target);
            done += part;
        }

        return ValueTask.FromResult(count);
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + data.Length, length);
        for (int done = 0; done < data.Length;)
        {
            (byte[]? piece, int start, int part) = Find(offset + done, data.Length - done);
            piece ??= Allocate((int)((offset + done) / PieceBytes));
            data.Span.Slice(done, part).CopyTo(piece.AsSpan(start));
            done += part;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync(CancellationToken cancellation)
    {
        Interlocked.Increment(ref _flushes);
        return ValueTask.CompletedTask;
    }

    public ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _punches);
        for (long done = 0; done < length;)
        {
            (byte[]? piece, int start, int part) = Find(offset + done, (int)Math.Min(PieceBytes, length - done));
            if (part == PieceBytes)
                _pieces[(offset + done) / PieceBytes] = null;
            else
                piece?.AsSpan(start, part).Clear();
            done += part;
        }

        return ValueTask.CompletedTask;
    }

    private (byte[]? Piece, int Start, int Part) Find(long offset, int wanted)
    {
        int start = (int)(offset % PieceBytes);
        return (_pieces[offset / PieceBytes], start, Math.Min(wanted, PieceBytes - start));
    }

    private byte[] Allocate(int index)
    {
        if (limit != long.MaxValue && Allocated > limit - PieceBytes)
            throw new LinuxException(Errno.ENOSPC, "write", "a file in memory");
        byte[] made = new byte[PieceBytes];
        return Interlocked.CompareExchange(ref _pieces[index], made, null) ?? made;
    }
}
