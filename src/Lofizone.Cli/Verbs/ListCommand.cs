using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Measures;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone list</c>: lists all zones of this host. The command reads files and /proc, and asks no server and no daemon. With -v and --json
/// it also asks the engines, for a second at most.
internal static class ListCommand
{
    public static Command Create()
    {
        Option<bool> parsable = new("--parsable", "-p")
        {
            Description = "for programs: ID:NAME:STATE:ZONEPATH:UUID:BRAND:SHARE, and with -v :PROBLEM",
        };
        Option<bool> json = new("--json") { Description = "JSON" };
        Option<bool> verbose = new("-v") { Description = "show what is wrong with each zone's device and server, too" };
        Option<string?> share = new Option<string?>("--share")
        {
            Description =
                "the zones on this share instead, whichever hosts they are on; -p: NAME:STATE:HOST:SINCE:TRANSPORT:UUID:BRAND:WHY",
            HelpName = "URI",
        }
            .Checked(ValueChecks.Share);
        Command command = new("list", "list the zones of this host, or of a share") { parsable, json, verbose, share };
        command.SetAction(async (parsed, cancellation) =>
        {
            WrongUsage.Refuse(parsed.GetValue(parsable) && parsed.GetValue(json), "-p and --json exclude each other");
            WrongUsage.Refuse(
                parsed.GetValue(share) is not null && parsed.GetValue(verbose),
                "-v is for the zones of this host, and --share shows those of a share");
            if (parsed.GetValue(share) is { } uri)
                return await SharedListing.WriteAsync(uri, parsed.GetValue(parsable), parsed.GetValue(json), cancellation);
            BrokenZones broken = new("zone");
            ZoneHost host = ZoneHost.FromEnvironment();
            IReadOnlyList<ZoneStatus> sound = await broken.ListedAsync(host, cancellation);
            bool problems = parsed.GetValue(verbose) || parsed.GetValue(json);
            IReadOnlyDictionary<string, string>? problemOf = problems ? await new Sampler(host).ProblemsAsync(sound, cancellation) : null;
            IReadOnlyList<ZoneListing> zones = [.. sound.Select(z => ZoneListing.Of(z, problemOf?.GetValueOrDefault(z.Name)))];
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(zones, OutputJson.Default.IReadOnlyListZoneListing));
            else if (parsed.GetValue(parsable))
                WriteParsable(zones, problems);
            else
                WriteTable(zones, parsed.GetValue(verbose));
            return broken.Report();
        });
        return command;
    }

    private static void WriteParsable(IEnumerable<ZoneListing> zones, bool problems)
    {
        foreach (ZoneListing zone in zones)
            Console.WriteLine(
                Parsable.Line(
                    [
                        Id(zone), zone.Name, zone.State, zone.ZonePath ?? "", zone.Uuid, zone.Brand, zone.Share ?? "",
                        .. problems ? (string[])[zone.Problem ?? ""] : [],
                    ]));
    }

    private static void WriteTable(IEnumerable<ZoneListing> zones, bool problems)
    {
        string[] headings = ["ID", "NAME", "STATE", "BRAND", "ZONEPATH", "SHARE"];
        Table table = new([.. headings, .. problems ? (string[])["PROBLEM"] : []]) { Right = new HashSet<int> { 0 } };
        foreach (ZoneListing zone in zones)
            table.Add(
                [
                    Id(zone), zone.Name, zone.Lost is { } lost ? lost : zone.State, zone.Brand, zone.ZonePath ?? "-", zone.Share ?? "-",
                    .. problems ? (string[])[zone.Problem ?? "-"] : [],
                ]);
        table.Write(Console.Out);
    }

    private static string Id(ZoneListing zone) => zone.Id?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
