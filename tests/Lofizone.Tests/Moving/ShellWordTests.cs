using CsCheck;
using Lofizone.Moving;
using Lofizone.Programs;

namespace Lofizone.Tests.Moving;

public sealed class ShellWordTests
{
    [Theory]
    [InlineData("zone", "zone")]
    [InlineData("/opt/lofizone/bin/zone", "/opt/lofizone/bin/zone")]
    [InlineData("", "''")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("$(reboot)", "'$(reboot)'")]
    [InlineData("~root", "'~root'")]
    [InlineData("=ls", "'=ls'")]
    public void Words_are_quoted_only_where_a_shell_would_read_something_else(string word, string quoted) => Assert.Equal(quoted, ShellWord.Quote(word));

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("\u001b[2J")]
    public void Control_characters_are_refused(string word) => Assert.Throws<LofizoneException>(() => ShellWord.Quote(word));

    [Fact]
    public Task A_shell_reads_the_words_that_were_meant() =>
        Gen.Char[" !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~aZ0\u00e9"].Array[0, 12].Select(c => new string(c)).Array[1, 5].SampleAsync(
            async words =>
            {
                ProgramResult result = await new ProgramRunner().RunAsync(new ProgramCall("sh", "-c", $"printf '%s\\n' {ShellWord.Join(words)}"), TestContext.Current.CancellationToken);
                Assert.Equal(string.Concat(words.Select(w => w + "\n")), result.Output);
            },
            iter: 50,
            threads: 1);
}
