using System.Buffers.Binary;
using Lofizone.Images;

namespace Lofizone.Tests.Images;

/// <summary>Which ext4 is mounted without a check: one whose superblock has nothing for e2fsck to do.</summary>
public sealed class ExtSuperblockTests
{
    [Fact]
    public void One_that_was_unmounted_in_order_and_wants_no_checks_is_at_rest() => Assert.True(Parse(_ => { }).IsAtRest);

    [Theory]
    [InlineData(0x3a, 0, "was not unmounted, and has no journal that says so")]
    [InlineData(0x3a, 3, "the kernel has met errors")]
    [InlineData(0x3a, 5, "orphans are being removed")]
    [InlineData(0x60, 0x2c6, "its journal is to be replayed")]
    [InlineData(0x66, 1, "orphans are in its orphan file")]
    [InlineData(0xe8, 12, "orphans are in its list")]
    [InlineData(0x194, 1, "errors are counted")]
    [InlineData(0x36, 20, "it wants a check after so many mounts")]
    [InlineData(0x46, 1, "it wants a check after so long")]
    public void One_that_asks_for_anything_is_not(int at, int value, string why) =>
        Assert.False(Parse(sb => BinaryPrimitives.WriteUInt16LittleEndian(sb[at..], (ushort)value)).IsAtRest, why);

    private delegate void Change(Span<byte> superblock);

    /// <summary>As mkfs.ext4 makes it (Documentation/filesystems/ext4/super.rst).</summary>
    private static ExtSuperblock Parse(Change change)
    {
        Span<byte> sb = new byte[1024];
        BinaryPrimitives.WriteUInt16LittleEndian(sb[0x38..], 0xef53);
        BinaryPrimitives.WriteUInt32LittleEndian(sb[0x18..], 2);
        BinaryPrimitives.WriteInt16LittleEndian(sb[0x36..], -1);
        BinaryPrimitives.WriteUInt16LittleEndian(sb[0x3a..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(sb[0x5c..], 0x3c);
        BinaryPrimitives.WriteUInt32LittleEndian(sb[0x60..], 0x2c2);
        BinaryPrimitives.WriteUInt32LittleEndian(sb[0x64..], 0x46b);
        BinaryPrimitives.WriteUInt32LittleEndian(sb[0xe0..], 8);
        change(sb);
        return ExtSuperblock.Parse(sb)!;
    }
}
