namespace Lofizone.Config.Zonecfg;

/// <summary>A property of the zone itself.</summary>
/// <param name="Name">Name in the user's spelling.</param>
/// <param name="Syntax">Form of a value, for help.</param>
/// <param name="Meaning">Purpose of the property, for help.</param>
/// <param name="Get">The value in a configuration; null when the value is not set.</param>
/// <param name="Set">The configuration with this value, or the fault of the value.</param>
internal sealed record GlobalProperty(
    string Name,
    string Syntax,
    string Meaning,
    Func<ZoneConfig, string?> Get,
    Func<ZoneConfig, string, IReadOnlyCollection<string>, (ZoneConfig Config, string? Problem)> Set)
{
    /// <summary>Makes the configuration without a value of its own; null when the property is required.</summary>
    public Func<ZoneConfig, ZoneConfig>? Clear { get; init; }

    /// <summary>True for a part of the zone's identity, which an export leaves to the importing session.</summary>
    public bool IsIdentity { get; init; }

    /// <summary>All properties, in the order of printing.</summary>
    public static IReadOnlyList<GlobalProperty> All { get; } =
    [
        new(
            "zonename",
            "<zone>",
            "the zone's name; fixed, export and create a zone of another name instead",
            c => c.Name,
            (c, v, _) => (
                c,
                v == c.Name
                    ? null
                    : $"a zone is not renamed: run 'zonecfg -z {c.Name} export', and feed its output to 'zonecfg -z NEWNAME -f -'"))
        {
            IsIdentity = true,
        },
        new(
            "zonepath",
            "<path>",
            "directory where the zone's file system is mounted; required",
            c => c.ZonePath,
            (c, v, _) => WithZonePath(c, Normal(v))),
        new(
            "brand",
            "<brand>",
            "how the zone's root is filled and booted; native unless set",
            c => c.Brand,
            (c, v, brands) => PropertyChecks.Brand(v, brands) is { } problem ? (c, problem) : (c with { Brand = v }, null))
        {
            Clear = c => c with { Brand = DefaultBrand },
        },
        new(
            "autoboot",
            "true | false",
            "boot the zone when the host boots; false unless set",
            c => c.Autoboot ? "true" : "false",
            (c, v, _) => v is "true" or "false"
                ? (c with { Autoboot = v == "true" }, null)
                : (c, $"'{SafeText.Text(v)}' is not true or false"))
        {
            Clear = c => c with { Autoboot = false },
        },
    ];

    private const string DefaultBrand = "native";

    /// <exception cref="LofizoneException">There is no such property, or the property belongs to a resource.</exception>
    public static GlobalProperty Find(string name) => All.FirstOrDefault(p => p.Name == name) ?? throw Unknown(name);

    private static LofizoneException Unknown(string name)
    {
        if (ResourceTypes.All.FirstOrDefault(t => t.Properties.Any(p => p.Name == name)) is { } type)
            return new LofizoneException(
                $"{name}: a property of the resource {type.Name}, not of the zone",
                $"begin with 'add {type.Name}' or 'select {type.Name}'");
        return new LofizoneException(
            $"{SafeText.Text(name)}: no such property", $"the zone's own properties are {string.Join(", ", All.Select(p => p.Name))}");
    }

    private static (ZoneConfig Config, string? Problem) WithZonePath(ZoneConfig config, string path) =>
        PropertyChecks.ZonePath(path) is { } problem ? (config, problem) : (config with { ZonePath = path }, null);

    // Shells complete a directory's name with a slash, which is removed.
    private static string Normal(string path) => path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : path;
}
