using Lofizone.Hosts;
using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>Gives a zone that is not up another zonepath. The zone's root lies in its image, so no file is moved.</summary>
internal sealed class ZonePathMove(ZoneHost host, ZoneRecord record, string zonePath)
{
    public IReadOnlyList<Step> Steps() =>
    [
        new(
            "record", "note the new zonepath",
            Step.Now(() => host.Index.Save(record with { Config = record.Config with { ZonePath = zonePath } })),
            Step.Now(() => host.Index.Save(record))),
        new("tidy", "remove the old zonepath", Step.Now(() =>
        {
            if (record.Config.ZonePath is { } old)
                HostFile.RemoveEmptyDirectory(old);
        })),
    ];
}
