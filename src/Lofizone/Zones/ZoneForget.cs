using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>Removes what this host knows of a zone. What there is of its root stays.</summary>
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
