using Lofizone.Cli.Output;

namespace Lofizone.Cli.Tests;

public sealed class GlyphsTests
{
    [Theory]
    [InlineData("", "", "C.UTF-8", "└─ ")]
    [InlineData("", "de_DE.utf8", "C", "└─ ")]
    [InlineData("C", "de_DE.utf8", "C.UTF-8", "`- ")]
    [InlineData("", "", "C", "`- ")]
    [InlineData(null, null, null, "`- ")]
    [InlineData("", "POSIX", "en_US.ISO-8859-1", "`- ")]
    public void A_terminal_is_shown_what_its_character_set_has(string? all, string? type, string? lang, string branch) => Assert.Equal(
        branch, Glyphs.OfLocale(name => name switch { "LC_ALL" => all, "LC_CTYPE" => type, "LANG" => lang, _ => null }).Branch);

    [Theory]
    [InlineData(80, "[10/13] note on the share that the zone is this host's 4% ...")]
    [InlineData(40, "[10/13] note on the share that t 4% ...")]
    [InlineData(1, " 4% ...")]
    public void A_live_line_fits_its_terminal(int columns, string expected) =>
        Assert.Equal(expected, Glyphs.OfLocale(_ => "C").Live("[10/13] note on the share that the zone is this host's", " 4%", columns));
}
