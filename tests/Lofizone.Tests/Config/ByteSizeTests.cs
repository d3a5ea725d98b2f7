using CsCheck;
using Lofizone.Config;

namespace Lofizone.Tests.Config;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("300m", 300L << 20)]
    [InlineData("1G", 1L << 30)]
    [InlineData("2t", 2L << 40)]
    [InlineData("8b", 4096L)]
    [InlineData("4096", 4096L)]
    [InlineData("0", 0L)]
    public void A_size_is_digits_and_a_suffix(string text, long bytes) => Assert.Equal(bytes, ByteSize.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("-1m")]
    [InlineData("1.5g")]
    [InlineData("1 g")]
    [InlineData("1gb")]
    [InlineData("9000000p")]
    public void What_is_no_size_is_not_read(string text) => Assert.Null(ByteSize.TryParse(text));

    [Fact]
    public void A_printed_size_reads_back_exactly() => Gen.Long[0, long.MaxValue].Sample(bytes => ByteSize.TryParse(ByteSize.Format(bytes)) == bytes);
}
