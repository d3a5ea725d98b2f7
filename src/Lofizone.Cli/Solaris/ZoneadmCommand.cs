using System.CommandLine;
using Lofizone.Cli.Zone;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zoneadm -z ZONE VERB</c> and <c>zoneadm list</c>, as in zoneadm(8).</summary>
internal static class ZoneadmCommand
{
    public static RootCommand Create()
    {
        Option<string?> zone = new("-z", "--zone") { Description = "the zone", HelpName = "ZONE", Recursive = true };
        RootCommand root = new("administer zones");
        root.Options.Add(zone);
        foreach (ZoneVerb verb in ZoneVerb.All)
        {
            Command command = new(verb.Name, verb.Summary);
            Option<bool> force = new("-F") { Description = verb.Force };
            if (verb.Force is not null)
                command.Options.Add(force);
            command.Validators.Add(result =>
            {
                if (result.GetValue(zone) is null)
                    result.AddError($"{verb.Name}: name the zone: zoneadm -z ZONE {verb.Name}");
            });
            command.SetAction((parsed, cancellation) => verb.RunAsync(parsed.GetValue(zone)!, verb.Force is not null && parsed.GetValue(force), cancellation));
            root.Subcommands.Add(command);
        }

        root.Subcommands.Add(MovingCommands.CreateDetach(zone));
        root.Subcommands.Add(MovingCommands.CreateAttach(zone));
        root.Subcommands.Add(ZoneadmList.Create(zone));
        return root;
    }
}
