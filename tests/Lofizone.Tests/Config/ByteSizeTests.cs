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
    [InlineData("1.5g", 3L << 29)]
    [InlineData("10GiB", 10L << 30)]
    [InlineData("1gib", 1L << 30)]
    [InlineData("500MB", 500_000_000L)]
    [InlineData("1kB", 1000L)]
    [InlineData("0.1k", 103L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_size_is_a_number_and_a_unit(string text, long bytes) => Assert.Equal(bytes, ByteSize.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("-1m")]
    [InlineData("1.5")]
    [InlineData("1.2.3g")]
    [InlineData(".5g")]
    [InlineData("5.g")]
    [InlineData("1 g")]
    [InlineData("8B")]
    [InlineData("1gibb")]
    [InlineData("1bg")]
    [InlineData("1e3")]
    [InlineData("9223372036854775808")]
    [InlineData("0.0000000000000000000000000000001p")]
    [InlineData("9000000p")]
    public void What_is_no_size_is_not_read(string text) => Assert.Null(ByteSize.TryParse(text));

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(500_000_000, 500_002_816)]
    [InlineData(long.MaxValue, long.MaxValue - 4095)]
    public void A_size_becomes_whole_sectors(long bytes, long whole) => Assert.Equal(whole, ByteSize.WholeSectors(bytes));

    [Fact]
    public void Whatever_is_written_is_a_size_or_none() => Gen.String[Gen.Char["0123456789.kmgtpibKMGTPIB -"], 0, 30].Sample(text => ByteSize.TryParse(text) is null or >= 0);

    [Fact]
    public void A_printed_size_reads_back_exactly() => Gen.Long[0, long.MaxValue].Sample(bytes => ByteSize.TryParse(ByteSize.Format(bytes)) == bytes);
}
