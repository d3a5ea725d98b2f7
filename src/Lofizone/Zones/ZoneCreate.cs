using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>Configures a zone that does not exist, and installs it.</summary>
/// <param name="host">The host.</param>
/// <param name="record">The zone as it is going to be.</param>
/// <param name="reporter">Progress.</param>
/// <param name="range">Holds the zone's range of IDs back from others until the zone is written down.</param>
internal sealed class ZoneCreate(ZoneHost host, ZoneRecord record, IReporter reporter, IDisposable? range = null)
{
    public IReadOnlyList<Step> Steps() => [Configure(), .. new ZoneInstall(host, record, reporter).Steps()];

    private Step Configure() => new(
        "configure",
        "configure the zone",
        Step.Now(() =>
        {
            host.Index.Save(record);
            range?.Dispose();
        }),
        Step.Now(() => host.Index.Delete(record.Config.Name)))
    {
        KeepUnlessAllUndone = true,
    };
}
