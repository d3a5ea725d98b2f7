using Lofizone.Runtime;

namespace Lofizone.Tests.Runtime;

public sealed class ConsoleTailTests : IDisposable
{
    private readonly string _log = Path.GetTempFileName();

    public void Dispose() => File.Delete(_log);

    [Fact]
    public void The_last_lines_are_told_without_time_stream_colours_and_control_characters()
    {
        string[] lines =
        [
            Entry("one"), Entry("two"), Entry("\e[0;32m  OK  \e[0m Started \e[1mfoo\e[0m."), Entry(""), Entry("\e]0;title\a ring"), Entry("\u202ereversed"), Entry("five and\ta half"),
        ];
        File.WriteAllText(_log, string.Join('\n', lines) + '\n');
        Assert.Equal(["two", "OK   Started foo.", "?]0;title? ring", "?reversed", "five and?a half"], ConsoleTail.Since(_log, 0));
    }

    [Fact]
    public void Only_what_was_printed_since_counts_and_all_of_a_file_that_was_begun_anew()
    {
        File.WriteAllText(_log, Entry("of the boot before") + '\n');
        long length = ConsoleTail.Length(_log);
        Assert.Empty(ConsoleTail.Since(_log, length));
        File.AppendAllText(_log, Entry("now") + '\n');
        Assert.Equal(["now"], ConsoleTail.Since(_log, length));
        File.WriteAllText(_log, Entry("anew") + '\n');
        Assert.Equal(["anew"], ConsoleTail.Since(_log, length + 1000));
    }

    [Fact]
    public void A_long_log_costs_no_more_than_its_end_and_one_that_is_missing_nothing()
    {
        File.WriteAllLines(_log, Enumerable.Range(0, 100_000).Select(i => Entry($"line {i}")));
        Assert.Equal("line 99999", ConsoleTail.Since(_log, 0)[^1]);
        File.WriteAllText(_log, Entry(new string('x', 1 << 20)));
        Assert.True(ConsoleTail.Since(_log, 0).Sum(l => l.Length) < 1000);
        Assert.Empty(ConsoleTail.Since(_log + ".missing", 0));
        Assert.Equal(0, ConsoleTail.Length(_log + ".missing"));
    }

    private static string Entry(string text) => $"2026-11-27T08:00:00.000000000+00:00 stdout F {text}";
}
