using Lofizone.Interop;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>Files and devices full of <see cref="BlockPattern"/>.</summary>
internal static class PatternFile
{
    /// <summary>Blocks that are written at once.</summary>
    private const int FillBlocks = 256;

    /// <summary>Writes every block, generation 0, and flushes; after that no write of the file needs an allocation in its file system.</summary>
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

    /// <summary>Every block, read from where it lies and not from a cache.</summary>
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

    /// <summary>Memory that direct I/O takes: it starts where a page starts, and never moves.</summary>
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
