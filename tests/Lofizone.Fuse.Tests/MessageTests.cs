using CsCheck;
using Lofizone.Interop;

namespace Lofizone.Fuse.Tests;

public sealed class MessageTests
{
    [Fact]
    public void Any_bytes_can_be_described() =>
        Gen.Select(Gen.UInt[0, 70], Gen.Byte.Array[0, 200]).Sample((opcode, bytes) =>
        {
            Assert.NotEmpty(FuseMessageText.DescribeReply((Interop.FuseOpcode)opcode, bytes));
            if (bytes.Length >= 8)
                BitConverter.TryWriteBytes(bytes.AsSpan(4), opcode);
            Assert.NotEmpty(FuseMessageText.Describe(bytes));
        });

    [Fact]
    public void A_reply_says_its_own_length() =>
        Gen.Select(Gen.Int[0, 1 << 20], Gen.ULong).Sample((bytes, unique) =>
        {
            byte[] reply = new byte[16];
            FuseReply.Header(reply, unique, -5, bytes);
            Assert.Equal((uint)(16 + bytes), BitConverter.ToUInt32(reply, 0));
            Assert.Equal(-5, BitConverter.ToInt32(reply, 4));
            Assert.Equal(unique, BitConverter.ToUInt64(reply, 8));
        });

    [Fact]
    public void The_opcodes_are_those_of_linux_fuse_h() =>
        Assert.Equal((15u, 16u, 20u, 26u, 43u), ((uint)FuseOpcode.Read, (uint)FuseOpcode.Write, (uint)FuseOpcode.Fsync, (uint)FuseOpcode.Init, (uint)FuseOpcode.Fallocate));
}
