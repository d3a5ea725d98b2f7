namespace Lofizone.Config.Zonecfg;

/// <summary>The place where zonecfg reads and writes configurations. Failures are <see cref="LofizoneException"/>s.</summary>
public interface IZoneConfigStore
{
    /// <summary>The committed configuration of a zone; null when no such zone is configured.</summary>
    Task<ZoneConfig?> LoadAsync(string zone, CancellationToken cancellation);

    /// <summary>The zonepath of a new zone whose configuration names none; null for a store without a host.</summary>
    string? DefaultZonePath(string zone) => null;

    /// <summary>The configuration of a detached zone, for this host.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="location">The zone's directory on its share: a URI, or a path of this host.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    Task<ZoneConfig> LoadDetachedAsync(string zone, string location, CancellationToken cancellation) =>
        throw new LofizoneException("create: -a is not possible here");

    /// <summary>
    /// The changes that a zone's present state allows. <see cref="ZonecfgLimits.None"/> for a zone that is not configured.
    /// </summary>
    Task<ZonecfgLimits> LimitsAsync(string zone, CancellationToken cancellation);

    /// <summary>Replaces the zone's configuration by a verified one, atomically.</summary>
    /// <param name="config">The new configuration.</param>
    /// <param name="previous">
    /// The configuration at the begin of the session; null for a new zone. The store refuses when the zone's configuration has changed
    /// since, because the commit would undo another session's change.
    /// </param>
    /// <param name="cancellation">Ends the attempt. The zone then has either the old or the new configuration.</param>
    Task CommitAsync(ZoneConfig config, ZoneConfig? previous, CancellationToken cancellation);

    /// <summary>Renames a zone that is down, with its directory on the share.</summary>
    Task RenameAsync(string zone, string to, CancellationToken cancellation) =>
        throw new LofizoneException("zonename: can't be changed here", $"zoneadm -z {zone} rename {to}");

    /// <summary>Removes a zone that is configured and not installed.</summary>
    Task DeleteAsync(string zone, CancellationToken cancellation);
}

/// <summary>The changes that a zone's state forbids.</summary>
/// <param name="Installed">
/// True from the first step of an installation until the zone is uninstalled (incomplete, installed, ready, running, ...). The zone's root
/// exists, so the properties that tell its place and content must not change.
/// </param>
public sealed record ZonecfgLimits(bool Installed)
{
    /// <summary>All changes are allowed.</summary>
    public static ZonecfgLimits None { get; } = new(false);
}
