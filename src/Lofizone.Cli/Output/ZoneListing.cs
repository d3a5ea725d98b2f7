using Lofizone.Zones;

namespace Lofizone.Cli.Output;

/// <summary>A zone in the output of <c>zone list --json</c>. <c>Lost</c> tells how the zone was lost to another host.</summary>
internal sealed record ZoneListing(
    int? Id, string Name, string State, string Uuid, string Brand, string? ZonePath, string? Share, bool Autoboot, string? Problem = null,
    string? Lost = null)
{
    public static ZoneListing Of(ZoneStatus zone, string? problem = null) => new(
        zone.Id,
        zone.Name,
        zone.State.Text(),
        zone.Record.Config.Uuid.ToString(),
        zone.Record.Config.Brand,
        zone.Record.Config.ZonePath,
        zone.Record.Config.RootImage?.Storage,
        zone.Record.Config.Autoboot,
        problem,
        zone.Record.Lost?.ToString());
}
