using Lofizone.Cli.Solaris;
using Lofizone.Cli.Usage;

namespace Lofizone.Cli.Tests;

public sealed class ZloginTests
{
    [Theory]
    [InlineData("-l is not for the console", "-C", "-l", "ann", "web")]
    [InlineData("-n is not for the console", "-Cn", "web")]
    [InlineData("-S is not for the console", "-CS", "web")]
    [InlineData("-i is not for the console", "-C", "-i", "web")]
    [InlineData("the console takes no command", "-C", "web", "ls")]
    [InlineData("-d is for the console, which -C names", "-d", "web")]
    [InlineData("-i and -n exclude each other", "-in", "web", "ls")]
    [InlineData("-S and -l exclude each other", "-S", "-l", "ann", "web")]
    [InlineData("-e and -E exclude each other", "-E", "-e", "^", "web")]
    [InlineData("-n is for a command", "-n", "web")]
    [InlineData("-i is for a command", "-i", "web")]
    [InlineData("the global zone is this host itself", "global", "ls")]
    [InlineData("'ab' is no key", "-e", "ab", "web")]
    [InlineData(@"'\400' is no key", "-e", @"\400", "web")]
    public void Options_that_do_not_fit_are_refused(string message, params string[] arguments)
    {
        (int exitCode, _, string error) = ConsoleRun.Run("zlogin", arguments);
        Assert.Equal(2, exitCode);
        Assert.Contains(message, error.Split('\n')[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Qe ^ web ls -l", "-Qe ^ web -- ls -l")]
    [InlineData("-e^ web ls -l", "-e^ web -- ls -l")]
    [InlineData("-lann -Q web sh -c x", "-lann -Q web -- sh -c x")]
    public void A_bundle_of_letters_ends_with_the_letter_that_takes_a_value(string arguments, string separated) =>
        Assert.Equal(separated, string.Join(' ', PassedOn.Separate(ZloginCommand.Create(), arguments.Split(' '), operands: 1)));

    [Theory]
    [InlineData(null, '~')]
    [InlineData("^", '^')]
    [InlineData(@"\", '\\')]
    [InlineData(@"\\", '\\')]
    [InlineData(@"\035", '\u001d')]
    public void The_escape_key_is_a_character_or_an_octal_number(string? text, char key) => Assert.Equal((byte)key, EscapeKey.Of(text));
}
