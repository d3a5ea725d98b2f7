using System.CommandLine;
using Lofizone.Cli.Usage;
using Lofizone.Cli.Zone;
using Lofizone.Config;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zoneadm -z ZONE VERB</c> and <c>zoneadm list</c>, as in zoneadm(8).</summary>
internal static class ZoneadmCommand
{
    public static RootCommand Create()
    {
        Option<string?> zone = new Option<string?>("-z", "--zone") { Description = "the zone", HelpName = "ZONE", Recursive = true }
            .Checked(name => name == ZoneName.Global ? null : ValueChecks.Zone(name));
        RootCommand root = new("administer zones");
        root.Options.Add(zone);
        foreach (ZoneVerb verb in ZoneVerb.All)
        {
            Command command = new(verb.Name, verb.Summary);
            Option<bool> force = new("-F") { Description = verb.Force };
            if (verb.Force is not null)
                command.Options.Add(force);
            command.SetAction((parsed, cancellation) => verb.RunAsync(Required(parsed, zone), verb.Force is not null && parsed.GetValue(force), cancellation));
            root.Subcommands.Add(command);
        }

        root.Subcommands.Add(MovingCommands.CreateDetach(zone));
        root.Subcommands.Add(MovingCommands.CreateAttach(zone));
        root.Subcommands.Add(ZoneadmList.Create(zone));
        return root;
    }

    /// <summary>The zone that -z names, for a command that can't do without.</summary>
    public static string Required(ParseResult parsed, Option<string?> zone)
    {
        string? name = parsed.GetValue(zone);
        string verb = parsed.CommandResult.Command.Name;
        WrongUsage.Refuse(name is null, $"{verb}: name the zone: zoneadm -z ZONE {verb}");
        return name!;
    }
}
