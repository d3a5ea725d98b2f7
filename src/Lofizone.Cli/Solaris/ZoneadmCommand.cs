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
        foreach (ZoneVerb verb in ZoneVerb.OfZoneadm)
        {
            Command command = new(verb.Name, verb.Summary);
            VerbSymbols symbols = new(verb, "-F");
            symbols.AddTo(command);
            command.SetAction((parsed, cancellation) => verb.RunAsync(zone.Require(parsed), symbols.Read(parsed), cancellation));
            root.Subcommands.Add(command);
        }

        RefusedVerbs.AddTo(root);
        root.Subcommands.Add(ApplyCommand.Create(zone));
        root.Subcommands.Add(AttachCommands.CreateDetach(zone));
        root.Subcommands.Add(AttachCommands.CreateAttach(zone));
        root.Subcommands.Add(ZoneadmList.Create(zone));
        return root;
    }
}
