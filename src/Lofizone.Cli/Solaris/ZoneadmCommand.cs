using System.CommandLine;
using Lofizone.Cli.Verbs;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zoneadm -z ZONE VERB</c> and <c>zoneadm list</c>, as in zoneadm(8).</summary>
internal static class ZoneadmCommand
{
    public static RootCommand Create()
    {
        ZoneSelector zone = new();
        RootCommand root = new("administer zones");
        zone.AddTo(root);
        foreach (ZoneVerb verb in ZoneVerb.All)
        {
            Command command = new(verb.Name, verb.Summary);
            Option<bool> force = new("-F") { Description = verb.Force };
            if (verb.Force is not null)
                command.Options.Add(force);
            command.SetAction((parsed, cancellation) =>
                verb.RunAsync(zone.Require(parsed), verb.Force is not null && parsed.GetValue(force), cancellation));
            root.Subcommands.Add(command);
        }

        root.Subcommands.Add(AttachCommands.CreateDetach(zone));
        root.Subcommands.Add(AttachCommands.CreateAttach(zone));
        root.Subcommands.Add(ZoneadmList.Create(zone));
        return root;
    }
}
