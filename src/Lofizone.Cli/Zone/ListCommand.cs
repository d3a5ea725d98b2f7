using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lofizone.Cli.Output;
using Lofizone.Zones;

namespace Lofizone.Cli.Zone;

/// <summary><c>zone list</c>: all zones of this host. Reads files and /proc, asks no server and no daemon.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        Option<bool> parsable = new("--parsable", "-p") { Description = "for programs: ID:NAME:STATE:ZONEPATH:UUID:BRAND:SHARE" };
        Option<bool> json = new("--json") { Description = "JSON" };
        Command command = new("list", "list the zones of this host") { parsable, json };
        command.SetAction(parsed =>
        {
            BrokenZones broken = new("zone");
            IReadOnlyList<ZoneListing> zones = [.. broken.Sound(ZoneHost.FromEnvironment()).Select(ZoneListing.Of)];
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(zones, OutputJson.Default.IReadOnlyListZoneListing));
            else if (parsed.GetValue(parsable))
                WriteParsable(zones);
            else
                WriteTable(zones);
            return broken.Report();
        });
        return command;
    }

    private static void WriteParsable(IEnumerable<ZoneListing> zones)
    {
        foreach (ZoneListing zone in zones)
            Console.WriteLine(Parsable.Line(Id(zone), zone.Name, zone.State, zone.ZonePath ?? "", zone.Uuid, zone.Brand, zone.Share ?? ""));
    }

    private static void WriteTable(IEnumerable<ZoneListing> zones)
    {
        Table table = new("ID", "NAME", "STATE", "BRAND", "ZONEPATH", "SHARE") { Right = new HashSet<int> { 0 } };
        foreach (ZoneListing zone in zones)
            table.Add(Id(zone), zone.Name, zone.State, zone.Brand, zone.ZonePath ?? "-", zone.Share ?? "-");
        table.Write(Console.Out);
    }

    private static string Id(ZoneListing zone) => zone.Id?.ToString(CultureInfo.InvariantCulture) ?? "-";
}

/// <summary>A zone as <c>zone list --json</c> prints it.</summary>
internal sealed record ZoneListing(int? Id, string Name, string State, string Uuid, string Brand, string? ZonePath, string? Share, bool Autoboot)
{
    public static ZoneListing Of(ZoneStatus zone) => new(
        zone.Id,
        zone.Name,
        zone.State.Text(),
        zone.Record.Config.Uuid.ToString(),
        zone.Record.Config.Brand,
        zone.Record.Config.ZonePath,
        zone.Record.Config.RootImage?.Storage,
        zone.Record.Config.Autoboot);
}
