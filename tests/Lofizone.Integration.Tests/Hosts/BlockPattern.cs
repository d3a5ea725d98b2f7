using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Lofizone.Integration.Tests.Hosts;

/// <summary>
/// A block's content: owner, place and generation, padding that follows from these, and a SHA-256 of all. A block of zeros was never
/// written. All other content is damage.
/// </summary>
/// <param name="Owner">The writer.</param>
/// <param name="Block">Number of the block, from 0.</param>
/// <param name="Generation">Number of earlier writes of the block by this owner.</param>
internal readonly record struct BlockPattern(char Owner, int Block, long Generation)
{
    /// <summary>Size of a block, bytes: a sector of a lofi device.</summary>
    public const int Bytes = 4096;

    private const uint Magic = 0x4c6f6669;
    private const int HeaderBytes = 24;

    public void Write(Span<byte> block)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(block, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(block[4..], Owner);
        BinaryPrimitives.WriteInt64LittleEndian(block[8..], Block);
        BinaryPrimitives.WriteInt64LittleEndian(block[16..], Generation);
        ulong value = ((ulong)Owner << 48) ^ ((ulong)Block << 32) ^ (ulong)Generation;
        foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(block[HeaderBytes..^SHA256.HashSizeInBytes]))
        {
            // Knuth's generator (MMIX) makes all blocks different.
            value = unchecked((value * 6364136223846793005) + 1442695040888963407);
            word = value;
        }

        SHA256.HashData(block[..^SHA256.HashSizeInBytes], block[^SHA256.HashSizeInBytes..]);
    }

    /// <summary>
    /// The pattern of a block at this place; null when the block was never written. Fails the test for content that no owner has written as
    /// a whole at this place.
    /// </summary>
    public static BlockPattern? Read(ReadOnlySpan<byte> block, int place)
    {
        if (!block.ContainsAnyExcept((byte)0))
            return null;
        BlockPattern found = new(
            (char)BinaryPrimitives.ReadInt32LittleEndian(block[4..]), (int)BinaryPrimitives.ReadInt64LittleEndian(block[8..]), BinaryPrimitives.ReadInt64LittleEndian(block[16..]));
        bool whole = SHA256.HashData(block[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(block[^SHA256.HashSizeInBytes..]);
        Assert.True(whole && found.Block == place, $"block {place} is damaged: {(whole ? "it is" : "torn, and says it is")} {found}");
        return found;
    }
}
