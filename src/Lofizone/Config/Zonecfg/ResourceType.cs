using System.Collections.Immutable;

namespace Lofizone.Config.Zonecfg;

/// <summary>A kind of resource: its properties, and how its resources stand in a configuration.</summary>
/// <param name="Name">As the user writes it.</param>
/// <param name="Meaning">What it is for, for help.</param>
/// <param name="Properties">In the order in which they are printed.</param>
/// <param name="Get">The resources of this type in a configuration, each as its properties' values.</param>
/// <param name="With">The configuration with these resources instead.</param>
internal sealed record ResourceType(
    string Name,
    string Meaning,
    IReadOnlyList<PropertyType> Properties,
    Func<ZoneConfig, ImmutableList<ImmutableDictionary<string, string>>> Get,
    Func<ZoneConfig, ImmutableList<ImmutableDictionary<string, string>>, ZoneConfig> With)
{
    /// <summary>True when a zone has at most one.</summary>
    public bool Single { get; init; }

    /// <summary>What a new resource starts with.</summary>
    public ImmutableDictionary<string, string> Defaults =>
        Properties.Where(p => p.Default is not null).ToImmutableDictionary(p => p.Name, p => p.Default!);

    /// <exception cref="LofizoneException">The resource has no such property.</exception>
    public PropertyType Property(string name) =>
        Properties.FirstOrDefault(p => p.Name == name)
        ?? throw new LofizoneException(
            $"{Name}: no such property: {Shown.Text(name)}",
            $"the properties of {Name} are {string.Join(", ", Properties.Select(p => p.Name))}");
}
