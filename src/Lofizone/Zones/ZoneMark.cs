using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>Marks an installed zone incomplete. Only an uninstall leads on from there.</summary>
internal sealed class ZoneMark(ZoneHost host, ZoneRecord record)
{
    public IReadOnlyList<Step> Steps() =>
        [new("incomplete", "mark the zone incomplete", Step.Now(() => host.Index.Save(record with { State = ZoneState.Incomplete })))];
}
