using Lofizone.Nfs.Files;
using Lofizone.Nfs.Protocol;

namespace Lofizone.Nfs.Tests.Files;

/// <summary>The part of a block that one request carries.</summary>
public sealed class BlockSizesTests
{
    [Theory]
    [InlineData(1 << 20, 0, 1 << 20)]
    [InlineData(1 << 20, 65536, 65536)]
    [InlineData(65536, 1L << 40, 65536)]
    public void The_smaller_of_session_and_file_counts_if_the_server_says_anything_of_the_file(int session, long server, int expected) =>
        Assert.Equal(expected, BlockSizes.Of(session, server));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_request_that_was_too_large_halves_its_own_limit_down_to_a_block(bool write)
    {
        BlockSizes sizes = new(1 << 20, 1 << 20);
        int Limit() => write ? sizes.WriteLimit : sizes.ReadLimit;
        int halvings = 0;
        for (; sizes.TryShrink(NfsStatus.ReqTooBig, write); halvings++)
            Assert.Equal((1 << 20) >> (halvings + 1), Limit());
        Assert.Equal(8, halvings);
        Assert.Equal(BlockSizes.LeastBytes, Limit());
        Assert.Equal(1 << 20, write ? sizes.ReadLimit : sizes.WriteLimit);
        Assert.Equal((1 << 20, 1 << 20), (sizes.Read, sizes.Write));
    }

    [Fact]
    public void Another_failure_changes_no_limit()
    {
        BlockSizes sizes = new(1 << 20, 1 << 20);
        Assert.False(sizes.TryShrink(NfsStatus.Io, write: true));
        Assert.Equal(1 << 20, sizes.WriteLimit);
    }
}
