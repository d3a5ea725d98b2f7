namespace Lofizone.Config.Zonecfg;

/// <summary>Where zonecfg finds configurations and puts them. Failures are <see cref="LofizoneException"/>s.</summary>
public interface IZoneConfigStore
{
    /// <summary>The committed configuration of a zone, or null when no such zone is configured.</summary>
    Task<ZoneConfig?> LoadAsync(string zone, CancellationToken cancellation);

    /// <summary>What may be changed on a zone as it is now; for a zone that isn't configured <see cref="ZonecfgLimits.None"/>.</summary>
    Task<ZonecfgLimits> LimitsAsync(string zone, CancellationToken cancellation);

    /// <summary>Makes a verified configuration the zone's, whole or not at all.</summary>
    /// <param name="config">The new configuration.</param>
    /// <param name="previous">
    /// The configuration the session began with, null for a new zone: the store refuses when it is no longer the zone's, since
    /// another session's change would be lost.
    /// </param>
    /// <param name="cancellation">Gives up; the zone then has the old or the new configuration, nothing between.</param>
    Task CommitAsync(ZoneConfig config, ZoneConfig? previous, CancellationToken cancellation);

    /// <summary>Forgets a zone that is configured and not installed.</summary>
    Task DeleteAsync(string zone, CancellationToken cancellation);
}

/// <summary>What a zone's state forbids.</summary>
/// <param name="Installed">True from the first step of an installation until the zone is uninstalled (incomplete, installed, ready,
/// running, ...): its root exists, so what says where the root lies and what is in it must stay.</param>
public sealed record ZonecfgLimits(bool Installed)
{
    /// <summary>Anything may be changed.</summary>
    public static ZonecfgLimits None { get; } = new(false);
}
