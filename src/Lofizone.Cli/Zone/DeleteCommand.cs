using System.CommandLine;
using Lofizone.Cli.Output;
using Lofizone.Zones;

namespace Lofizone.Cli.Zone;

/// <summary><c>zone delete NAME</c>: root, image, configuration.</summary>
internal static class DeleteCommand
{
    public static Command Create()
    {
        Argument<string> name = new("NAME") { Description = "the zone; it must not be running" };
        Option<bool> force = new("--force", "-F") { Description = "don't ask" };
        Command command = new("delete", "remove a zone for good: its image on the share and its configuration") { name, force };
        command.SetAction(async (parsed, cancellation) =>
        {
            string zone = parsed.GetValue(name)!;
            Root.Require($"delete {zone}");
            ZoneHost host = ZoneHost.FromEnvironment();
            host.Require(zone);
            if (!Confirm.Ask($"Are you sure you want to delete zone {zone} and everything in it", "delete", parsed.GetValue(force)))
                return 0;
            await new Zones.Zone(host, zone, new ConsoleReporter(host.Time)).DeleteAsync(cancellation);
            return 0;
        });
        return command;
    }
}
