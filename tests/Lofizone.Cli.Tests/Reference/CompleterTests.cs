using Lofizone.Cli.CommandLines;
using Lofizone.Cli.Reference;

namespace Lofizone.Cli.Tests.Reference;

public sealed class CompleterTests
{
    private readonly Completer _completer = new(metavar => metavar switch
    {
        "NAME" or "ZONE" => [new("web", "zone, running"), new("db", "zone, installed")],
        "NAME|URI" => [new("web", "zone, running"), new("nfs://nas/z", "share")],
        "PATH" => [Candidate.Files],
        _ => [],
    });

    [Theory]
    [InlineData("zone bo", "boot")]
    [InlineData("zone boot ", "web db")]
    [InlineData("zone boot d", "db")]
    [InlineData("zone boot web ", "")]
    [InlineData("zone create ", "")]
    [InlineData("zone create x --fstype ", "ext4 xfs btrfs")]
    [InlineData("zone create x -T x", "xfs")]
    [InlineData("zone create x --zonepath ", ":files")]
    [InlineData("zone create --size 1g x --bo", "--boot")]
    [InlineData("zone attach n", "nfs://nas/z")]
    [InlineData("zone stat -i 1 web d", "db")]
    [InlineData("zone login web -- --", "")]
    [InlineData("zone nonsense ", "")]
    [InlineData("zoneadm -z w", "web")]
    [InlineData("zoneadm -z web re", "reboot")]
    [InlineData("zoneadm --zone web attach -", "-z --zone -n -u -U -F")]
    [InlineData("zlogin -C ", "web db")]
    [InlineData("zonecfg -z web se", "select set")]
    [InlineData("zonecfg -z web set autob", "autoboot=")]
    [InlineData("newfs -T ", "ext4 xfs btrfs")]
    [InlineData("nobody ", "")]
    public void A_line_is_completed_with_what_can_stand_there(string line, string words)
    {
        string[] typed = line.Split(' ');
        Assert.Equal(words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), _completer.Complete(typed[0], typed[1..]).Select(c => c.Word).Order());
    }

    [Fact]
    public void Every_command_and_option_of_every_name_is_completed()
    {
        foreach (string name in Personality.Names)
        {
            System.CommandLine.RootCommand root = Personality.Describe(name);
            Assert.Equal(root.Subcommands.Select(c => c.Name).Order(), Complete(name, "").Intersect(root.Subcommands.Select(c => c.Name)).Order());
            Assert.Superset(Names([root]), Complete(name, "-"));
            foreach (System.CommandLine.Command command in root.Subcommands)
                Assert.Superset(Names([root, command]), Complete(name, command.Name, "-"));
        }

        HashSet<string> Complete(string name, params string[] words) => [.. _completer.Complete(name, words).Select(c => c.Word)];

        static HashSet<string> Names(IReadOnlyList<System.CommandLine.Command> path) => [.. Metavar.Options(path).SelectMany(Metavar.Names)];
    }
}
