using System.Text.RegularExpressions;
using Lofizone.Cli.CommandLines;
using Lofizone.Cli.Usage;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Cli.Tests;

/// <summary>Properties of every command, checked over the tables of the commands.</summary>
public sealed class EveryCommandTests
{
    [Fact]
    public void Whatever_is_wrong_with_a_command_line_ends_with_exit_code_2_one_message_and_the_usage()
    {
        string[][] cases = [.. WrongUsageCases.All()];
        Assert.True(cases.Length > 300, $"{cases.Length} cases");
        List<string> failures = [];
        foreach (string[] words in cases)
        {
            (int exitCode, string output, string error) = ConsoleRun.Run(words[0], words[1..]);
            string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            bool good = exitCode == 2 && output.Length == 0 && lines.Length == 2
                && lines[0].StartsWith($"{words[0]}: ", StringComparison.Ordinal) && lines[1].StartsWith($"  usage: {words[0]}", StringComparison.Ordinal)
                && !error.Contains("Exception", StringComparison.Ordinal) && !error.Contains("System.", StringComparison.Ordinal);
            if (!good)
                failures.Add($"{string.Join(' ', words.Select(w => $"'{w}'"))}: {exitCode}\n{output}{error}");
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Empty(Directory.GetFileSystemEntries(ConsoleRun.Root));
    }

    [Fact]
    public void Whatever_is_wrong_with_a_command_of_zonecfg_ends_with_exit_code_2_and_its_usage()
    {
        foreach ((string name, string usage, _) in ZonecfgReference.Commands)
        {
            // A flag that lacks its argument is wrong, too.
            string[] wrong = [$"{name} -q", $"{name} one two three", .. Regex.Matches(usage, "(-.) <").Select(flag => $"{name} {flag.Groups[1].Value}")];
            foreach (string line in wrong)
            {
                foreach (string[] words in (string[][])[[line], line.Split(' ')])
                {
                    (int exitCode, string output, string error) = ConsoleRun.Run("zonecfg", ["-z", "web", .. words]);
                    Assert.True(exitCode == 2, $"{line}: {exitCode} {output}{error}");
                    Assert.Contains($"usage: {usage}", error, StringComparison.Ordinal);
                    Assert.Equal(2, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
                }
            }
        }

        Assert.Equal(2, ConsoleRun.Run("zonecfg", "-z", "web", "frobnicate").ExitCode);
        Assert.Equal(2, ConsoleRun.Run("zonecfg", "-z", "web", "create; set zonepath=\"/x").ExitCode);
    }

    [Fact]
    public void Every_command_and_every_option_says_what_it_is_for()
    {
        foreach ((string path, CommandDescription command) in Personality.Descriptions.SelectMany(d => Down(d.Name, d)))
        {
            Assert.True(command.Summary.Length > 0, path);
            Assert.All(command.Options, o => Assert.True(o.Summary.Length > 0, $"{path} {o.Names[0]}"));
            Assert.All(command.Arguments, a => Assert.True(a.Summary.Length > 0, $"{path} {a.Name}"));
            if (command.Syntax is not null)
                continue;
            string[] words = path.Split(' ');
            (int exitCode, string output, string error) = ConsoleRun.Run(words[0], [.. words[1..], "--help"]);
            Assert.Equal((0, ""), (exitCode, error));
            Assert.All(command.Options, o => Assert.Contains(o.Names[0], output, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_usage_line_of_a_command_has_its_arguments_and_options()
    {
        CommandDescription zone = Personality.DescriptionOf("zone");
        Assert.Equal("zone halt NAME [--force] [--now]", UsageLine.Of(["zone", "halt"], zone.Commands.Single(c => c.Name == "halt")));
        Assert.Equal(
            "zone takeover NAME|URI [--now] [--fence PROGRAM] [--no-boot] [-u] [-U] [-F] [--accept] [ARGUMENTS...]",
            UsageLine.Of(["zone", "takeover"], zone.Commands.Single(c => c.Name == "takeover")));
        Assert.Equal("zoneadm COMMAND [-z ZONE] [-u UUID]", UsageLine.Of(["zoneadm"], Personality.DescriptionOf("zoneadm")));
        Assert.Equal("mkfile SIZE FILE... [-n] [-v]", UsageLine.Of(["mkfile"], Personality.DescriptionOf("mkfile")));
    }

    [Fact]
    public void A_word_that_begins_with_an_at_sign_is_no_file_of_further_words()
    {
        string file = Path.Combine(Path.GetTempPath(), $"lofizone-test-{Environment.ProcessId}-words");
        File.WriteAllText(file, "--help");
        try
        {
            Assert.Contains($"@{file}", ConsoleRun.Run("zone", "boot", $"@{file}").Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Zonecfg_helps_without_a_zone()
    {
        Assert.Contains("create [-F]", ConsoleRun.Run("zonecfg", "help").Output, StringComparison.Ordinal);
        Assert.Equal(ConsoleRun.Run("zonecfg", "-z", "web", "help", "rootimage"), ConsoleRun.Run("zonecfg", "help", "rootimage"));
        Assert.Equal(2, ConsoleRun.Run("zonecfg", "help", "frobnicate").ExitCode);
        Assert.Equal(2, ConsoleRun.Run("zonecfg").ExitCode);
    }

    private static IEnumerable<(string Path, CommandDescription Command)> Down(string path, CommandDescription command) =>
        command.Commands.SelectMany(c => Down($"{path} {c.Name}", c)).Prepend((path, command));
}
