using System.CommandLine;
using Lofizone.Cli.Usage;
using Lofizone.Logs;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>
/// <c>zone rename NAME NEWNAME</c> and <c>zoneadm -z NAME rename NEWNAME</c>; <c>zoneadm -z NAME move PATH</c> and <c>mark incomplete</c>.
/// </summary>
internal static class RegistrationCommands
{
    /// <summary>The only state that zoneadm(8) marks and that a host can't find out by itself.</summary>
    private const string Incomplete = "incomplete";

    public static Command CreateRename(ZoneSelector? selector = null)
    {
        Argument<string> zone = new Argument<string>("NAME") { Description = "a zone that is not up" }.Checked(ValueChecks.Zone);
        Argument<string> to = new Argument<string>("NEWNAME") { Description = "the new name" }.Checked(ValueChecks.Zone);
        Command command = new("rename", "give a zone another name, on this host and on its share");
        if (selector is null)
            command.Arguments.Add(zone);
        command.Arguments.Add(to);
        command.SetAction((parsed, cancellation) => RunAsync(
            "rename", selector is null ? parsed.GetValue(zone)! : selector.Require(parsed),
            z => z.RenameAsync(parsed.GetValue(to)!, cancellation)));
        return command;
    }

    public static Command CreateMovePath(ZoneSelector selector)
    {
        Argument<string> path = new Argument<string>("PATH") { Description = "the new zonepath" }.Checked(ValueChecks.ZonePath);
        Command command = new("move", "give a zone that is not up another zonepath") { path };
        command.SetAction((parsed, cancellation) => RunAsync(
            "move", selector.Require(parsed), z => z.MovePathAsync(parsed.GetValue(path)!, cancellation)));
        return command;
    }

    public static Command CreateMark(ZoneSelector selector)
    {
        Argument<string> state = new Argument<string>("STATE") { Description = "incomplete: only uninstall leads on from there" }
            .Checked(text => text switch
            {
                Incomplete => null,
                "unavailable" => "a zone is unavailable while its share is away, and a host finds that out by itself",
                _ => $"'{SafeText.Text(text)}' is no state to mark; {Incomplete} is",
            });
        Command command = new("mark", "mark an installed zone that is damaged") { state };
        command.SetAction((parsed, cancellation) => RunAsync("mark", selector.Require(parsed), z => z.MarkIncompleteAsync(cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(string verb, string name, Func<Zone, Task> run)
    {
        (ZoneHost host, Zone zone) = AttachCommands.Open(verb, name);
        await Lifecycle.NoteAsync(host.Paths, name, verb, () => run(zone));
        return 0;
    }
}
