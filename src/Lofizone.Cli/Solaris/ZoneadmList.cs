using System.CommandLine;
using System.Globalization;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Cli.Verbs;
using Lofizone.Zones;

namespace Lofizone.Cli.Solaris;

/// <summary><c>zoneadm list [-c|-i] [-n] [-v|-p]</c>: columns and parsable form of zoneadm(8).</summary>
internal static class ZoneadmList
{
    public static Command Create(ZoneSelector zone)
    {
        Option<bool> configured = new("-c") { Description = "all configured zones; overrides -i" };
        Option<bool> installed = new("-i") { Description = "all zones that have a root, whole or not" };
        Option<bool> noGlobal = new("-n") { Description = "without the global zone" };
        Option<bool> verbose = new("-v") { Description = "ID, name, state, path, brand and IP type" };
        Option<bool> parsable = new("-p") { Description = "for programs: zoneid:zonename:state:zonepath:uuid:brand:ip-type" };
        Command command = new("list", "list zones: those that are up, or the one of -z or -u")
        {
            configured, installed, noGlobal, verbose, parsable,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            WrongUsage.Refuse(parsed.GetValue(verbose) && parsed.GetValue(parsable), "list: -v and -p exclude each other");
            WrongUsage.Refuse(
                zone.IsGiven(parsed) && (parsed.GetValue(configured) || parsed.GetValue(installed)),
                "list: -c and -i choose zones by their state, and -z and -u choose one zone");
            ZoneHost host = ZoneHost.FromEnvironment();
            BrokenZones broken = new("zoneadm");
            ZoneState? least = parsed.GetValue(configured) ? null : parsed.GetValue(installed) ? ZoneState.Incomplete : ZoneState.Ready;
            IEnumerable<Row> rows = zone.Selected(parsed) is { } only
                ? [only == Row.Global.Name ? Row.Global : Row.Of(host.Status(host.Require(only)).Listed(host.Away))]
                : Rows(await broken.ListedAsync(host, cancellation)).Where(r => least is null || r.State >= least);
            Write(
                rows.Where(r => r != Row.Global || !parsed.GetValue(noGlobal)), parsed.GetValue(verbose), parsed.GetValue(parsable),
                Console.Out);
            return broken.Report();
        });
        return command;
    }

    /// <summary>The order of the rows: the global zone, then zones by ID, then zones without an ID by name.</summary>
    private static IEnumerable<Row> Rows(IReadOnlyList<ZoneStatus> zones) =>
        zones.Select(Row.Of).OrderBy(r => r.Id ?? int.MaxValue).ThenBy(r => r.Name, StringComparer.Ordinal).Prepend(Row.Global);

    internal static void Write(IEnumerable<Row> rows, bool verbose, bool parsable, TextWriter output)
    {
        if (verbose)
            output.WriteLine(Columns("ID", "NAME", "STATUS", "PATH", "BRAND", "IP"));
        foreach (Row row in rows)
        {
            string id = row.Id?.ToString(CultureInfo.InvariantCulture) ?? "-";
            output.WriteLine(
                verbose ? Columns(id, row.Name, row.State.Text(), row.Path, row.Brand, row.IpType)
                : parsable ? Parsable.Line(id, row.Name, row.State.Text(), row.Path, row.Uuid, row.Brand, row.IpType)
                : row.Name);
        }
    }

    private static string Columns(string id, string name, string status, string path, string brand, string ip) =>
        $"{id,4} {name,-16} {status,-10} {path,-30} {brand,-8} {ip,-6}".TrimEnd();

    /// <summary>A line of the listing.</summary>
    internal sealed record Row(int? Id, string Name, ZoneState State, string Path, string Uuid, string Brand, string IpType)
    {
        public static Row Global { get; } = new(0, "global", ZoneState.Running, "/", "", "native", "shared");

        public static Row Of(ZoneStatus zone) => new(
            zone.Id,
            zone.Name,
            zone.State,
            zone.Record.Config.ZonePath ?? "",
            zone.Record.Config.Uuid.ToString(),
            zone.Record.Config.Brand,
            // Every zone has a network namespace of its own, which Solaris calls exclusive IP.
            "excl");
    }
}
