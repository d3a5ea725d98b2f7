using System.Numerics;
using Lofizone.Nfs.Resume;

namespace Lofizone.Nfs.Files;

/// <summary>Memory for the data of one write.</summary>
/// <param name="Memory">The memory, as long as the data.</param>
/// <param name="Page">Page in the arena where the memory begins, see <see cref="WriteBuffers"/>.</param>
internal readonly record struct WriteBuffer(Memory<byte> Memory, int Page);

/// <summary>
/// Room for data that is kept until COMMIT, inside one bounded memory that may outlive this process (<see cref="NfsResumeMemory"/>). The
/// memory is divided into chunks of 1 MiB. Each chunk holds buffers of one size, a power of two from 4 KiB on. A chunk without used buffers
/// is free for any size. This class allocates no other memory.
/// </summary>
internal sealed class WriteBuffers
{
    public const int PageBytes = 1 << SmallestShift;
    public const int ChunkBytes = 1 << LargestShift;

    private const int SmallestShift = NfsResumeMemory.PageShift;
    private const int LargestShift = NfsResumeMemory.ChunkShift;
    private const int PagesPerChunk = ChunkBytes / PageBytes;
    private const int WordsPerChunk = PagesPerChunk / 64;

    private readonly NfsResumeMemory _memory;
    private readonly Lock _gate = new();

    /// <summary>Size of each chunk's buffers as a power of two; 0 for a free chunk.</summary>
    private readonly byte[] _shifts = new byte[NfsResumeMemory.Chunks];
    private readonly int[] _used = new int[NfsResumeMemory.Chunks];
    private readonly ulong[] _taken = new ulong[NfsResumeMemory.Chunks * WordsPerChunk];
    private readonly bool[] _touched = new bool[NfsResumeMemory.Chunks];

    public WriteBuffers(NfsResumeMemory memory) => _memory = memory;

    /// <summary>Size of a buffer for this much data, bytes.</summary>
    public static int SizeFor(int length) => 1 << Shift(length);

    /// <summary>
    /// Rents a buffer for <paramref name="length"/> bytes (1 to 1 MiB), with undefined content. False when there is no room.
    /// </summary>
    public bool TryRent(int length, out WriteBuffer buffer)
    {
        int shift = Shift(length);
        lock (_gate)
        {
            int chunk = FindChunk(shift);
            if (chunk < 0)
            {
                buffer = default;
                return false;
            }

            _shifts[chunk] = (byte)shift;
            _touched[chunk] = true;
            int page = (chunk * PagesPerChunk) + (Take(chunk, PagesPerChunk >> (LargestShift - shift)));
            buffer = new WriteBuffer(_memory.Data.Slice(page * PageBytes, length), page);
            return true;
        }
    }

    public void Return(in WriteBuffer buffer)
    {
        lock (_gate)
        {
            int chunk = buffer.Page / PagesPerChunk;
            int index = buffer.Page % PagesPerChunk;
            _taken[(chunk * WordsPerChunk) + (index / 64)] &= ~(1UL << (index % 64));
            if (--_used[chunk] == 0)
                _shifts[chunk] = 0;
        }
    }

    /// <summary>Takes over a buffer that a predecessor had in use. Null when no predecessor can have had such a buffer.</summary>
    public WriteBuffer? Restore(int page, int length)
    {
        if (length is < 1 or > ChunkBytes)
            return null;
        int shift = Shift(length);
        int chunk = page / PagesPerChunk;
        int index = page % PagesPerChunk;
        ref ulong word = ref _taken[(chunk * WordsPerChunk) + (index / 64)];
        lock (_gate)
        {
            bool isOfOtherSize = _shifts[chunk] != 0 && _shifts[chunk] != shift;
            bool isOffBoundary = index % (1 << (shift - SmallestShift)) != 0;
            if (isOfOtherSize || isOffBoundary || (word & (1UL << (index % 64))) != 0)
                return null;
            _shifts[chunk] = (byte)shift;
            _touched[chunk] = true;
            _used[chunk]++;
            word |= 1UL << (index % 64);
        }

        return new WriteBuffer(_memory.Data.Slice(page * PageBytes, length), page);
    }

    /// <summary>Returns the memory of free chunks to the system. Called in quiet moments.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            for (int chunk = 0; chunk < _shifts.Length; chunk++)
            {
                if (_shifts[chunk] != 0 || !_touched[chunk])
                    continue;
                _memory.FreeData(chunk * ChunkBytes, ChunkBytes);
                _touched[chunk] = false;
            }
        }
    }

    /// <summary>The first chunk with room for a buffer of that size; otherwise the first free chunk.</summary>
    private int FindChunk(int shift)
    {
        int free = -1;
        int capacity = 1 << (LargestShift - shift);
        for (int chunk = 0; chunk < _shifts.Length; chunk++)
        {
            if (_shifts[chunk] == shift && _used[chunk] < capacity)
                return chunk;
            if (_shifts[chunk] == 0 && free < 0)
                free = chunk;
        }

        return free;
    }

    /// <summary>Marks the chunk's first free buffer as taken, and returns the buffer's page within the chunk.</summary>
    private int Take(int chunk, int pages)
    {
        _used[chunk]++;
        for (int index = 0; ; index += pages)
        {
            // A word without a free page is skipped as a whole.
            ref ulong word = ref _taken[(chunk * WordsPerChunk) + (index / 64)];
            if (pages == 1)
                index += Math.Min(BitOperations.TrailingZeroCount(~word), 64 - 1 - (index % 64));
            if ((word & (1UL << (index % 64))) != 0)
                continue;
            word |= 1UL << (index % 64);
            return index;
        }
    }

    private static int Shift(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ChunkBytes);
        return Math.Max(SmallestShift, BitOperations.Log2((uint)Math.Max(length, 1) * 2 - 1));
    }
}
