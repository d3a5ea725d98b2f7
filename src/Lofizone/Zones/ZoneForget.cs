using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>Removes this host's files about a zone. The zone's root stays.</summary>
internal sealed class ZoneForget(ZoneHost host, string name)
{
    public IReadOnlyList<Step> Steps() =>
    [
        new("unconfigure", "remove the configuration", Step.Now(() =>
        {
            host.Accepted.Delete(name);
            host.Index.Delete(name);
        })),
    ];
}
