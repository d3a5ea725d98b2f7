using System.CommandLine;
using Lofizone.Cli.CommandLines;
using Lofizone.Cli.Reference;
using Lofizone.Config.Zonecfg;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Cli.Tests.Reference;

public sealed class ManPageTests
{
    public static TheoryData<string> Pages => [.. Directory.GetFiles(Templates, "*.in").Select(f => Path.GetFileNameWithoutExtension(f))];

    private static string Templates { get; } = Path.Combine(HostCleanup.RepositoryRoot(), "packaging", "man");

    [Fact]
    public void Every_name_of_the_binary_has_a_page() =>
        Assert.Superset(new HashSet<string>(Personality.Names), (HashSet<string>)[.. Pages.Select(p => p.Data.Split('.')[0])]);

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_tells_of_every_command_argument_and_option_of_its_name(string page)
    {
        string name = page.Split('.')[0];
        if (!Personality.Names.Contains(name))
            return;
        string text = Page(page);
        RootCommand root = Personality.Describe(name);
        foreach (Command command in root.Subcommands.Where(c => !c.Hidden).Append(root))
        {
            string part = command == root ? text : Part(text, command.Name);
            foreach (Option option in Metavar.Options([command]))
            {
                Assert.Contains($"\n{string.Join(", ", Metavar.Names(option).Select(n => $"\\fB{Roff.Text(n)}\\fR"))}", part, StringComparison.Ordinal);
                Assert.Contains(Roff.Sentence(option.Description), part, StringComparison.Ordinal);
            }

            foreach (Argument argument in command.Arguments)
                Assert.Contains($"\\fI{Roff.Text(Metavar.Of(argument))}\\fR", part, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_page_of_zonecfg_tells_of_every_command_property_and_resource()
    {
        string text = Page("zonecfg.8");
        Assert.All(ZonecfgReference.Commands, c => Assert.Contains($"\\fB{Roff.Text(c.Usage)}\\fR", text, StringComparison.Ordinal));
        Assert.All(ZonecfgReference.Resources.SelectMany(r => r.Properties).Concat(ZonecfgReference.Properties), p => Assert.Contains($"\\fB{Roff.Text(p.Name)}\\fR=", text, StringComparison.Ordinal));
        Assert.All(ZonecfgReference.Resources, r => Assert.Contains($".SS Resource {Roff.Text(r.Name)}\n", text, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Groff_has_nothing_to_say_about_a_page(string page)
    {
        string file = Path.Combine(Path.GetTempPath(), $"lofizone-man-{Environment.ProcessId}-{page}");
        await File.WriteAllTextAsync(file, Page(page), TestContext.Current.CancellationToken);
        try
        {
            (int exitCode, string output, string error) = await TestProgram.TryAsync("groff", "-man", "-Tutf8", "-ww", "-b", "-z", file);
            Assert.Equal((0, "", ""), (exitCode, output, error));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(".TH x", "\\&.TH x")]
    [InlineData("NAME:STATE: x", "NAME:\\:STATE: x")]
    [InlineData("a\\b -c 'd' ~e", "a\\eb \\-c \\(aqd\\(aq \\(tie")]
    public void Text_is_printed_as_it_is(string text, string roff) => Assert.Equal(roff, Roff.Text(text));

    private static string Page(string page) => ManPage.Fill(page.Split('.')[0], File.ReadAllText(Path.Combine(Templates, page + ".in")));

    /// <summary>The text from a command's own entry to the next command's.</summary>
    private static string Part(string text, string command)
    {
        string commands = text[text.IndexOf(".SH COMMANDS\n", StringComparison.Ordinal)..];
        int begin = commands.IndexOf($".TP\n\\fB{Roff.Text(command)}\\fR", StringComparison.Ordinal);
        Assert.True(begin >= 0, $"{command} has no entry");
        int rest = commands.IndexOf(".RE\n", begin, StringComparison.Ordinal), next = commands.IndexOf("\n.TP\n\\fB", begin + 5, StringComparison.Ordinal);
        return rest >= 0 && (next < 0 || commands[begin..rest].Contains(".RS", StringComparison.Ordinal)) ? commands[begin..rest] : commands[begin..];
    }
}
