using Lofizone.Runtime;

namespace Lofizone.Tests.Runtime;

public sealed class ConsoleLineTests
{
    [Theory]
    [InlineData("2026-11-27T22:12:06.382214737+00:00 stdout F systemd 252", "systemd 252")]
    [InlineData("2026-11-27T22:12:06.382214737+00:00 stdout P web login: ", "web login: ")]
    [InlineData("2026-11-27T22:12:06.382214737+00:00 stdout F \e[1;31mfailed\e[0m \e]0;title\a\r", "failed ?]0;title?")]
    [InlineData("2026-11-27T22:12:06.382214737+00:00 stdout F ", "")]
    public void What_a_zone_printed_is_harmless_to_a_terminal(string line, string text)
    {
        ConsoleLine read = ConsoleLine.Parse(line)!;
        Assert.Equal((text, 2026, 382), (read.Text, read.At.Year, read.At.Millisecond));
    }

    [Theory]
    [InlineData("")]
    [InlineData("214737+00:00 stdout F cut")]
    [InlineData("2026-11-27T22:12:06+00:00 stdout X text")]
    [InlineData("no line of conmon's")]
    public void What_is_no_line_of_conmon_is_left_out(string line) => Assert.Null(ConsoleLine.Parse(line));
}
