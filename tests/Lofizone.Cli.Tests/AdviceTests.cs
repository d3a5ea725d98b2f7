using System.Text.RegularExpressions;
using Lofizone.Cli.CommandLines;

namespace Lofizone.Cli.Tests;

/// <summary>
/// The parsers of the programs parse the commands in the program's own messages, so that no message names a missing verb or option.
/// </summary>
public sealed partial class AdviceTests
{
    /// <summary>Examples for a value that a message fills in. A command is sound when one of them fits.</summary>
    private static readonly string[] _values = ["web", "nfs://nas/zones/web", "/dev/lofi/1", "1g", "ext4", "nas-b", "boot"];

    [Fact]
    public void Every_command_that_a_text_names_can_be_run_as_it_stands()
    {
        List<string> wrong = [];
        int seen = 0;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository(), "src"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)))
        {
            foreach (string line in File.ReadLines(file).Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal)))
            {
                foreach (string command in Commands(line))
                {
                    seen++;
                    if (Problem(command) is { } problem)
                        wrong.Add($"{Path.GetFileName(file)}: {command}: {problem}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(seen > 60, $"{seen} commands: the texts are no longer found");
    }

    [Theory]
    [InlineData("throw new(\"x\", $\"zone halt {name}; or give up: zone halt --force \" + name)", "zone halt web", "zone halt --force web")]
    [InlineData("\"'zone list' shows them\"", "zone list")]
    [InlineData("$\"zone {name}: is running\"")]
    [InlineData("\"zoneadm -z ZONE boot\"", "zoneadm -z ZONE boot")]
    public void Commands_are_found_in_texts(string line, params string[] commands) => Assert.Equal(commands, Commands(line));

    [Theory]
    [InlineData("zone frobnicate web")]
    [InlineData("zone boot --force web")]
    [InlineData("zoneadm -z web takeover")]
    [InlineData("zonecfg -y web export")]
    public void A_command_that_there_is_not_is_found_out(string command) => Assert.NotNull(Problem(command));

    private static IEnumerable<string> Commands(string line)
    {
        // A filled-in value stands for one word.
        string text = Filled().Replace(Appended().Replace(line, " web\""), "web");
        foreach (Match match in Command().Matches(text))
        {
            string command = match.Groups["command"].Value.TrimEnd(' ', ',', '.', ':');
            string[] words = command.Split(' ');
            bool quoted = match.Groups["before"].Value == "'";
            if (words[0] != "zone" || quoted || Personality.DescriptionOf("zone").Commands.Any(c => c.Name == words[1]))
                yield return command;
        }
    }

    private static string? Problem(string command)
    {
        string? first = null;
        foreach (string value in _values)
        {
            string[] words = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w == "web" ? value : w == "URI" ? "nfs://nas/zones/web" : w)];
            // A message may also just mention a command: "mkfile -n reserves no space".
            if (Personality.WrongIn(words[0], words[1..]) is not { } problem || problem.EndsWith("is missing", StringComparison.Ordinal))
                return null;
            first ??= problem;
        }

        return first;
    }

    private static string Repository()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Lofizone.slnx")))
            at = at.Parent;
        return at!.FullName;
    }

    /// <summary>An interpolation, with one more level of braces inside.</summary>
    [GeneratedRegex(@"\{(?:[^{}]|\{[^{}]*\})*\}")]
    private static partial Regex Filled();

    /// <summary>A name that is appended to a text.</summary>
    [GeneratedRegex(@" "" \+ name\b")]
    private static partial Regex Appended();

    /// <summary>A command in quotes, or one that ends with the text, with a sign or before the next clause.</summary>
    [GeneratedRegex(@"(?<before>[""']|: |; |\bor |\brun |\bthen |\bwith )(?<command>(?:zone|zoneadm|zonecfg|zlogin|zonestat|lofiadm|mkfile|newfs) (?!and |on )[a-z-](?:(?!, | then | first| gives | shows | and | to )[^'"";:)(]|://)*)")]
    private static partial Regex Command();
}
