using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Lofizone.Config;

/// <summary>
/// The configuration of a zone: the resources and properties of zonecfg(8) that this system supports. Immutable; written as zone.json.
/// </summary>
public sealed record ZoneConfig
{
    public required string Name { get; init; }

    /// <summary>Distinguishes this zone from another zone of the same name. Made once, and never part of an export.</summary>
    public Guid Uuid { get; init; }

    /// <summary>
    /// Directory where the image's file system is mounted; the zone's root is <c>root</c> in that directory. Each host chooses its own
    /// zonepath, so the copy beside the image has null here.
    /// </summary>
    public string? ZonePath { get; init; }

    /// <summary>Boot the zone when the host boots.</summary>
    public bool Autoboot { get; init; }

    /// <summary>The way in which the root is filled and booted: <c>native</c>.</summary>
    public string Brand { get; init; } = "native";

    /// <summary>The image that holds the root. Null for a zone that uses whatever file system is mounted at its zonepath.</summary>
    public RootImage? RootImage { get; init; }

    public IReadOnlyList<NetResource> Net { get; init; } = [];

    public IReadOnlyList<AttrResource> Attr { get; init; } = [];

    /// <summary>
    /// The values of the registry's other properties (<see cref="GlobalProperties"/>), by name, in the form for keeping. A property with
    /// its default value is missing.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Values
    {
        get;
        // The order decides on the bytes of zone.json, and so on their digest.
        init => field = value.WithComparers(StringComparer.Ordinal);
    } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// The zone's other resources (<see cref="ResourceTypes"/>), by type: their properties' values, in the form for keeping. A type without
    /// resources is missing.
    /// </summary>
    public ImmutableSortedDictionary<string, ImmutableList<ImmutableDictionary<string, string>>> Resources
    {
        get;
        init => field = value.WithComparers(StringComparer.Ordinal);
    } = ImmutableSortedDictionary.Create<string, ImmutableList<ImmutableDictionary<string, string>>>(StringComparer.Ordinal);
}

/// <summary>Resource <c>rootimage</c>: the image lies at <c>STORAGE/ZONENAME/root.img</c>.</summary>
/// <param name="Storage">URI of the share, <c>nfs://…</c> or <c>dir:/…</c>.</param>
/// <param name="Size">Size of the image in bytes, a multiple of 4096.</param>
/// <param name="FsType">File system in the image: <c>ext4</c>, <c>xfs</c> or <c>btrfs</c>.</param>
/// <param name="MaxIops">Most reads in a second, and most writes; null for no limit.</param>
/// <param name="MaxBandwidth">Most bytes read in a second, and most bytes written; null for no limit.</param>
public sealed record RootImage(string Storage, long Size, string FsType = "ext4", long? MaxIops = null, long? MaxBandwidth = null)
{
    /// <summary>True when the zone's I/O on the image is limited.</summary>
    [JsonIgnore]
    public bool IsLimited => MaxIops is not null || MaxBandwidth is not null;
}

/// <summary>Resource <c>net</c>: one interface of the zone.</summary>
/// <param name="Physical">
/// An existing bridge of the global zone (the zone gets a veth on the bridge) or a NIC (the zone gets a macvlan of the NIC).
/// </param>
/// <param name="Address">
/// Address with prefix length, for example 192.0.2.7/24 or 2001:db8::7/64; null for an interface without an address.
/// </param>
/// <param name="DefRouter">Address of the default router; null for none.</param>
public sealed record NetResource(string Physical, string? Address = null, string? DefRouter = null);

/// <summary>Resource <c>attr</c>: a typed note on the zone, which the system itself does not read.</summary>
/// <param name="Name">Name, starts with an alphanumeric character.</param>
/// <param name="Type"><c>string</c>, <c>boolean</c>, <c>int</c> or <c>uint</c>, as in zonecfg(8).</param>
/// <param name="Value">Value, checked against the type.</param>
public sealed record AttrResource(string Name, string Type, string Value);
