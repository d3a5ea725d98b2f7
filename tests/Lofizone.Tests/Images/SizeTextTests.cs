using Lofizone.Images;

namespace Lofizone.Tests.Images;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("300M", 314572800)]
    [InlineData("1g", 1L << 30)]
    [InlineData("512k", 512 << 10)]
    [InlineData("2b", 4096)]
    [InlineData("4096", 4096)]
    [InlineData("4097", 8192)]
    [InlineData("1.5g", 3L << 29)]
    public void Sizes_are_read_and_rounded_up_to_whole_sectors(string text, long bytes) => Assert.Equal(bytes, SizeText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0g")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("g")]
    [InlineData("12x")]
    [InlineData("99999999999999999999")]
    [InlineData("9999999999g")]
    public void What_is_no_size_is_refused_with_the_text_and_an_example(string text)
    {
        LofizoneException error = Assert.Throws<LofizoneException>(() => SizeText.Parse(text));
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("300m", error.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(314572800, "300.0 MiB")]
    [InlineData((1L << 20) - 1, "1.0 MiB")]
    [InlineData(1610612736, "1.5 GiB")]
    [InlineData(long.MaxValue, "8.0 EiB")]
    public void Sizes_are_shown_with_one_digit_behind_the_point(long bytes, string text) => Assert.Equal(text, SizeText.Format(bytes));
}
