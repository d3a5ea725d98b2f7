using Lofizone.Config;

namespace Lofizone.Tests.Config;

public sealed class ZoneNameTests
{
    [Theory]
    [InlineData("web")]
    [InlineData("0")]
    [InlineData("Web_1-a.example")]
    [InlineData("globalx")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123")]
    public void A_zone_name_passes(string name) => ZoneName.Check(name);

    [Theory]
    [InlineData("", "empty")]
    [InlineData(".", "directory")]
    [InlineData("..", "directory")]
    [InlineData("-web", "start")]
    [InlineData("_web", "start")]
    [InlineData("we b", "' '")]
    [InlineData("a/b", "'/'")]
    [InlineData("wéb", "'é'")]
    [InlineData("a\u001b[31m", "'?'")]
    [InlineData("global", "host")]
    [InlineData("SUNWfoo", "reserved")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234", "64")]
    public void What_is_no_zone_name_is_refused_with_the_reason(string name, string reason)
    {
        LofizoneException error = Assert.Throws<LofizoneException>(() => ZoneName.Check(name));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error.Message);
        Assert.NotNull(error.Advice);
    }
}
