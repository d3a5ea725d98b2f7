using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Cli.Verbs;
using Lofizone.Zones;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zoneadm -z ZONE apply [-n]</c>: brings a running zone to its persistent configuration.</summary>
internal static class ApplyCommand
{
    public static Command Create(ZoneSelector zone)
    {
        Option<bool> dry = new("-n") { Description = "only show the changes" };
        Command command = new("apply", "give a running zone its persistent configuration, as far as that needs no reboot") { dry };
        command.SetAction(async (parsed, cancellation) =>
        {
            string name = zone.Require(parsed);
            Root.Require($"apply {name}");
            ZoneHost host = ZoneHost.FromEnvironment();
            LiveChanges changes = await new ZoneLive(host, name).ApplyAsync(parsed.GetValue(dry), cancellation);
            LiveReport.Print(name, changes, parsed.GetValue(dry), Console.Out);
            return 0;
        });
        return command;
    }
}
