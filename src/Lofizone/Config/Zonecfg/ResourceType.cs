using System.Collections.Immutable;

namespace Lofizone.Config.Zonecfg;

/// <summary>A kind of resource: its properties, and its place in a configuration.</summary>
/// <param name="Name">Name in the user's spelling.</param>
/// <param name="Meaning">Purpose of the resource, for help.</param>
/// <param name="Properties">The properties, in the order of printing.</param>
/// <param name="Get">The resources of this type in a configuration, each as its properties' values.</param>
/// <param name="With">The configuration with these resources in place of its own.</param>
internal sealed record ResourceType(
    string Name,
    string Meaning,
    IReadOnlyList<PropertyType> Properties,
    Func<ZoneConfig, ImmutableList<ImmutableDictionary<string, string>>> Get,
    Func<ZoneConfig, ImmutableList<ImmutableDictionary<string, string>>, ZoneConfig> With)
{
    /// <summary>True when a zone has at most one resource of this type.</summary>
    public bool Single { get; init; }

    /// <summary>The values of a new resource.</summary>
    public ImmutableDictionary<string, string> Defaults =>
        Properties.Where(p => p.Default is not null).ToImmutableDictionary(p => p.Name, p => p.Default!);

    /// <exception cref="LofizoneException">The resource has no such property.</exception>
    public PropertyType Property(string name) =>
        Properties.FirstOrDefault(p => p.Name == name)
        ?? throw new LofizoneException(
            $"{Name}: no such property: {SafeText.Text(name)}",
            $"the properties of {Name} are {string.Join(", ", Properties.Select(p => p.Name))}");
}
