using Lofizone.Boot;

namespace Lofizone.Tests.Zones;

public sealed class BootArgumentsTests
{
    [Theory]
    [InlineData("", "/sbin/init")]
    [InlineData("-s", "/sbin/init single")]
    [InlineData("-i /bin/sh", "/bin/sh")]
    [InlineData("-i /bin/sh -s", "/bin/sh single")]
    [InlineData("-m milestone=none", "/sbin/init emergency")]
    [InlineData("-m milestone=single-user", "/sbin/init single")]
    [InlineData("-m milestone=multi-user", "/sbin/init 3")]
    [InlineData("-m milestone=multi-user-server", "/sbin/init 3")]
    [InlineData("-m milestone=all", "/sbin/init")]
    [InlineData("-w -s", "/sbin/init single")]
    public void Arguments_are_a_command_line_of_init_and_a_text_that_reads_back(string text, string command)
    {
        BootArguments arguments = BootArguments.Parse(text);
        Assert.Equal(command, string.Join(' ', arguments.InitCommand));
        Assert.Equal(arguments, BootArguments.Parse(arguments.ToString()));
    }

    [Theory]
    [InlineData("-v", "-v: no boot argument")]
    [InlineData("single", "single: no boot argument")]
    [InlineData("-i", "-i: its value is missing")]
    [InlineData("-i init", "not an absolute path")]
    [InlineData("-i /", "not an absolute path")]
    [InlineData("-i /sbin/i\u001b[2J", "not an absolute path")]
    [InlineData("-m verbose", "only milestone=NAME has an effect here")]
    [InlineData("-m milestone=network", "no such milestone: none, single-user, multi-user, multi-user-server, all")]
    [InlineData("-W", "use -w, and reboot")]
    public void What_has_no_effect_is_refused_with_the_reason(string text, string reason)
    {
        LofizoneException wrong = Assert.Throws<LofizoneException>(() => BootArguments.Parse(text));
        Assert.Equal(FailureKind.WrongUsage, wrong.Kind);
        Assert.Contains(reason, wrong.Message, StringComparison.Ordinal);
        Assert.All(wrong.Message, c => Assert.True(SafeText.IsSafe(c)));
    }

    [Fact]
    public void The_length_is_bounded() =>
        Assert.Throws<LofizoneException>(() => BootArguments.Parse(["-i", "/" + new string('x', BootArguments.MaxLength)]));
}
