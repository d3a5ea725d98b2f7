using Lofizone.Testing.Hosts;

namespace Lofizone.Cli.Tests.Solaris;

/// <summary>The commands that docs/solaris.md calls refused are refused with the reason that stands there.</summary>
public sealed class RefusedCommandsTests
{
    public static TheoryData<string, string> Rows =>
    [
        .. File.ReadLines(Path.Combine(HostCleanup.RepositoryRoot(), "docs/solaris.md"))
            .SkipWhile(l => l != "## Commands").Where(l => l.StartsWith("| `", StringComparison.Ordinal))
            .Select(l => l.Trim('|', ' ').Split(" | ")).Where(cells => cells[2] == "refused").Select(cells => (cells[0].Trim('`'), cells[3])),
    ];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_refused_command_is_refused_with_that_reason(string command, string reason)
    {
        string[] words = command.Split(' ');
        (int exitCode, string output, string error) = ConsoleRun.Run(words[0], words[0] == "zoneadm" ? ["-z", "web", .. words[1..]] : words[1..]);
        Assert.NotEqual(0, exitCode);
        Assert.Equal("", output);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }
}
