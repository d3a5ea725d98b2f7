using System.CommandLine;
using Lofizone.Cli.Usage;
using Lofizone.Cli.Verbs;
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
            command.SetAction((parsed, cancellation) =>
                verb.RunAsync(WrongUsage.RequireZone(parsed, zone), verb.Force is not null && parsed.GetValue(force), cancellation));
            root.Subcommands.Add(command);
        }

        root.Subcommands.Add(ApplyCommand.Create(zone));
        root.Subcommands.Add(AttachCommands.CreateDetach(zone));
        root.Subcommands.Add(AttachCommands.CreateAttach(zone));
        root.Subcommands.Add(ZoneadmList.Create(zone));
        return root;
    }
}
