namespace Lofizone.Config;

/// <summary>A property of the zone itself.</summary>
/// <param name="Name">Name in the user's spelling.</param>
/// <param name="Kind">Kind of its values.</param>
/// <param name="Meaning">Purpose of the property, for help.</param>
/// <param name="Get">The value in a configuration; null when the value is not set.</param>
/// <param name="With">The configuration with a sound value.</param>
public sealed record GlobalProperty(
    string Name, ValueKind Kind, string Meaning, Func<ZoneConfig, string?> Get, Func<ZoneConfig, string, ZoneConfig> With)
    : Property(Name, Kind, Meaning)
{
    /// <summary>Makes the configuration without a value of its own; null when the property is required.</summary>
    public Func<ZoneConfig, ZoneConfig>? Clear { get; init; }

    /// <summary>True for a part of the zone's identity, which an export leaves to the importing session.</summary>
    public bool IsIdentity { get; init; }

    /// <summary>True for a property that is kept in <see cref="ZoneConfig.Values"/>.</summary>
    public bool IsInValues { get; private init; }

    /// <summary>The fault of a sound value on this system: the configuration, the value and the brands. By default there is none.</summary>
    public Func<ZoneConfig, string, IReadOnlyCollection<string>, string?> CheckHere { get; init; } = (_, _, _) => null;

    /// <summary>A property that is kept in <see cref="ZoneConfig.Values"/>. The default value is not kept.</summary>
    public static GlobalProperty Of(string name, ValueKind kind, string meaning, string? standard = null) => new(
        name,
        kind,
        meaning,
        c => c.Values.GetValueOrDefault(name),
        (c, v) => c with { Values = v == standard ? c.Values.Remove(name) : c.Values.SetItem(name, v) })
    {
        Default = standard,
        IsInValues = true,
        Clear = c => c with { Values = c.Values.Remove(name) },
    };

    /// <summary>The configuration with this value, or the fault of the value.</summary>
    public (ZoneConfig Config, string? Problem) Set(ZoneConfig config, string value, IReadOnlyCollection<string> brands) =>
        Fault(value) is { } fault ? (config, fault)
        : CheckHere(config, Kind.Normalize(value), brands) is { } problem ? (config, problem)
        : (With(config, Kind.Normalize(value)), null);

    /// <summary>The value that counts: the own value, or the default.</summary>
    public string? Of(ZoneConfig config) => Get(config) ?? Default;
}
