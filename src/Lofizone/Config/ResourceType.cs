using System.Collections.Immutable;

namespace Lofizone.Config;

/// <summary>A kind of resource: its properties, and its place in a configuration.</summary>
/// <param name="Name">Name in the user's spelling.</param>
/// <param name="Meaning">Purpose of the resource, for help.</param>
/// <param name="Properties">The properties, in the order of printing.</param>
/// <param name="Get">The resources of this type in a configuration, each as its properties' values.</param>
/// <param name="With">The configuration with these resources in place of its own.</param>
public sealed record ResourceType(
    string Name,
    string Meaning,
    IReadOnlyList<Property> Properties,
    Func<ZoneConfig, ImmutableList<ImmutableDictionary<string, string>>> Get,
    Func<ZoneConfig, ImmutableList<ImmutableDictionary<string, string>>, ZoneConfig> With)
{
    /// <summary>The systems that have a resource of this name.</summary>
    public PropertyOrigin Origin { get; init; } = PropertyOrigin.Both;

    /// <summary>True when a zone has at most one resource of this type.</summary>
    public bool Single { get; init; }

    /// <summary>True for a type whose resources are kept in <see cref="ZoneConfig.Resources"/>.</summary>
    public bool IsInResources { get; private init; }

    /// <summary>The reason why a zone can't have such a resource; null for a resource with an effect.</summary>
    public string? Refusal { get; init; }

    /// <summary>True for another spelling of properties that are kept elsewhere. An export leaves these resources out.</summary>
    public bool IsView { get; init; }

    /// <summary>The values of a new resource.</summary>
    public ImmutableDictionary<string, string> Defaults =>
        Properties.Where(p => p.Default is not null).ToImmutableDictionary(p => p.Name, p => p.Default!);

    /// <summary>A type whose resources are kept in <see cref="ZoneConfig.Resources"/>.</summary>
    public static ResourceType Of(string name, string meaning, params IReadOnlyList<Property> properties) => new(
        name,
        meaning,
        properties,
        c => c.Resources.GetValueOrDefault(name) ?? [],
        (c, list) => c with { Resources = list.Count == 0 ? c.Resources.Remove(name) : c.Resources.SetItem(name, list) })
    {
        IsInResources = true,
    };

    /// <summary>A resource that no zone can have, with the reason. A <c>not yet</c> is a reason, too.</summary>
    public static ResourceType Refused(string name, string reason, PropertyOrigin origin = PropertyOrigin.Both) =>
        Of(name, "Can't be added: " + reason + ".") with { Refusal = reason, Origin = origin };

    /// <exception cref="LofizoneException">The resource has no such property.</exception>
    public Property Property(string name) =>
        Properties.FirstOrDefault(p => p.Name == name)
        ?? throw new LofizoneException(
            $"{Name}: no such property: {SafeText.Text(name)}",
            $"the properties of {Name} are {string.Join(", ", Properties.Select(p => p.Name))}");
}
