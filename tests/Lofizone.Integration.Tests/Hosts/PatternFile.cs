using Lofizone.Interop;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>Files and devices full of <see cref="BlockPattern"/>.</summary>
internal static class PatternFile
{
    /// <summary>Number of blocks in one write.</summary>
    private const int FillBlocks = 256;

    /// <summary>
    /// Writes every block with generation 0, and flushes. Later writes of the file need no allocation in its file system.
    /// </summary>
    public static void Fill(string path, char owner, int blocks)
    {
        using FileDescriptor file = Files.Open(path, OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        byte[] buffer = new byte[FillBlocks * BlockPattern.Bytes];
        for (int first = 0; first < blocks; first += FillBlocks)
        {
            int count = Math.Min(FillBlocks, blocks - first);
            for (int i = 0; i < count; i++)
                new BlockPattern(owner, first + i, 0).Write(buffer.AsSpan(i * BlockPattern.Bytes, BlockPattern.Bytes));
            FileContent.Write(file, buffer.AsSpan(0, count * BlockPattern.Bytes), (long)first * BlockPattern.Bytes);
        }

        FileContent.Sync(file);
    }

    /// <summary>Reads every block from the disk, past the cache.</summary>
    public static BlockPattern?[] Read(string path, int blocks)
    {
        using FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly | OpenFlags.Direct);
        Memory<byte> buffer = Aligned(FillBlocks * BlockPattern.Bytes);
        BlockPattern?[] found = new BlockPattern?[blocks];
        for (int first = 0; first < blocks; first += FillBlocks)
        {
            int count = Math.Min(FillBlocks, blocks - first);
            Span<byte> read = buffer.Span[..(count * BlockPattern.Bytes)];
            Assert.Equal(read.Length, FileContent.Read(file, read, (long)first * BlockPattern.Bytes));
            for (int i = 0; i < count; i++)
                found[first + i] = BlockPattern.Read(read.Slice(i * BlockPattern.Bytes, BlockPattern.Bytes), first + i);
        }

        return found;
    }

    /// <summary>Memory for direct I/O (open(2), O_DIRECT): aligned to a page, and never moved.</summary>
    public static Memory<byte> Aligned(int bytes)
    {
        byte[] array = GC.AllocateUninitializedArray<byte>(bytes + BlockPattern.Bytes, pinned: true);
        unsafe
        {
            fixed (byte* start = array)
                return array.AsMemory((int)(-(nint)start & (BlockPattern.Bytes - 1)), bytes);
        }
    }
}
