using System.Globalization;
using System.Text.Json;
using Lofizone.Cli.Output;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <c>zone list --share URI</c>: lists the zones on a share, on whichever hosts they are.
internal static class SharedListing
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ssZ";

    /// <summary>Writes the listing. Returns exit code 1 when a zone on the share can't be read.</summary>
    public static async Task<int> WriteAsync(string uri, bool parsable, bool json, CancellationToken cancellation)
    {
        IReadOnlyList<SharedZone> zones = await new SharedZones(ZoneHost.FromEnvironment(), ShareUri.Parse(uri)).ListAsync(cancellation);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(zones, OutputJson.Default.IReadOnlyListSharedZone));
        else if (parsable)
            WriteParsable(zones);
        else
            WriteTable(zones);
        return zones.Any(z => z.State == SharedZones.Unreadable) ? Failure.ExitFailure : 0;
    }

    private static void WriteParsable(IEnumerable<SharedZone> zones)
    {
        foreach (SharedZone zone in zones)
            Console.WriteLine(
                Parsable.Line(
                    zone.Name, zone.State, zone.Host?.ToString() ?? "", Time(zone.Since) ?? "", zone.Transport?.ToString() ?? "",
                    zone.Uuid?.ToString() ?? "", zone.Brand ?? "", zone.Why ?? ""));
    }

    private static void WriteTable(IEnumerable<SharedZone> zones)
    {
        Table table = new("NAME", "STATE", "HOST", "SINCE", "BRAND", "TRANSPORT", "WHY");
        foreach (SharedZone zone in zones)
            table.Add(
                [
                    .. new[]
                    {
                        zone.Name, zone.State, zone.Host?.ToString(), Time(zone.Since), zone.Brand, zone.Transport?.ToString(), zone.Why,
                    }
                        .Select(c => c ?? "-"),
                ]);
        table.Write(Console.Out);
    }

    private static string? Time(DateTimeOffset? at) => at?.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
}
