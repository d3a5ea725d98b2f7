using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lofizone.Cli.Output;
using Lofizone.Cli.Usage;
using Lofizone.Explain;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary><c>zone df [NAME]</c>: space on shares and in mounted images, in df -k's columns.</summary>
internal static class DfCommand
{
    private const int BytesPerKbyte = 1024;

    public static Command Create()
    {
        Argument<string?> name = new Argument<string?>("NAME") { Arity = ArgumentArity.ZeroOrOne, Description = "one zone; without it all" }
            .Checked(ValueChecks.Zone);
        Option<bool> parsable = new("--parsable", "-p") { Description = "for programs: FILESYSTEM:KBYTES:USED:AVAIL:CAPACITY:MOUNTED-ON" };
        Option<bool> json = new("--json") { Description = "JSON, sizes in bytes" };
        Command command = new("df", "show the space of shares and zones") { name, parsable, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            WrongUsage.Refuse(parsed.GetValue(parsable) && parsed.GetValue(json), "-p and --json exclude each other");
            ZoneHost host = ZoneHost.FromEnvironment();
            BrokenZones broken = new("zone");
            string? only = parsed.GetValue(name);
            IReadOnlyList<ZoneStatus> zones = only is null ? broken.Sound(host) : [host.Status(host.Require(only))];
            IReadOnlyList<SpaceRow> rows = await new SpaceReport(host).RowsAsync(zones, all: only is null, cancellation);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(rows, OutputJson.Default.IReadOnlyListSpaceRow));
            else
                Write(rows, parsed.GetValue(parsable), Console.Out);
            foreach (SpaceRow row in rows.Where(r => r.Problem is not null))
                await Console.Error.WriteLineAsync($"zone: {SafeText.Line(row.Problem!)}");
            return broken.Report() != 0 || rows.Any(r => r.Problem is not null) ? Failure.ExitFailure : 0;
        });
        return command;
    }

    internal static void Write(IReadOnlyList<SpaceRow> rows, bool parsable, TextWriter output)
    {
        Table table = new("Filesystem", "kbytes", "used", "avail", "capacity", "Mounted on") { Right = new HashSet<int> { 1, 2, 3, 4 } };
        foreach (SpaceRow row in rows)
        {
            string[] cells =
            [
                row.FileSystem, Kbytes(row, row.TotalBytes), Kbytes(row, row.UsedBytes), Kbytes(row, row.AvailableBytes),
                row.Problem is null ? $"{row.CapacityPercent}%" : "-", row.MountedOn ?? "-",
            ];
            if (parsable)
                output.WriteLine(Parsable.Line(cells));
            else
                table.Add(cells);
        }

        if (!parsable)
            table.Write(output);
    }

    private static string Kbytes(SpaceRow row, long bytes) => row.Problem is null
        ? (bytes / BytesPerKbyte).ToString(CultureInfo.InvariantCulture)
        : "-";
}
