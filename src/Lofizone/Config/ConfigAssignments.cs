using System.Collections.Immutable;

namespace Lofizone.Config;

/// <summary>Assignments <c>PROPERTY=VALUE</c> and <c>RESOURCE.PROPERTY=VALUE</c> of a command line.</summary>
public static class ConfigAssignments
{
    private const string Form = "write PROPERTY=VALUE or RESOURCE.PROPERTY=VALUE, for example max-lwps=500 or capped-memory.physical=1g";

    /// <summary>
    /// The configuration with all assignments. An empty value clears a property, and a resource without values is removed.
    /// </summary>
    /// <exception cref="LofizoneException">An assignment is not possible.</exception>
    public static ZoneConfig Apply(ZoneConfig config, IEnumerable<string> assignments, IReadOnlyCollection<string> brands)
    {
        foreach (string assignment in assignments)
        {
            if (Problem(assignment) is { } problem)
                throw new LofizoneException(problem) { Kind = FailureKind.WrongUsage };
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            string name = assignment[..equals], value = assignment[(equals + 1)..];
            int dot = name.IndexOf('.', StringComparison.Ordinal);
            config = dot > 0 ? WithResource(config, name[..dot], name[(dot + 1)..], value) : WithGlobal(config, name, value, brands);
        }

        return config;
    }

    /// <summary>The fault of an assignment's form; null for none.</summary>
    public static string? Problem(string assignment) =>
        assignment.IndexOf('=', StringComparison.Ordinal) > 0 ? null : $"'{SafeText.Text(assignment)}' is no assignment; {Form}";

    private static ZoneConfig WithGlobal(ZoneConfig config, string name, string value, IReadOnlyCollection<string> brands)
    {
        GlobalProperty property = GlobalProperties.Find(name);
        if (value.Length == 0)
            return property.Clear?.Invoke(config) ?? throw new LofizoneException($"{name}: a required property needs a value");
        (ZoneConfig next, string? problem) = property.Set(config, value, brands);
        return problem is null ? next : throw new LofizoneException($"{name}: {problem}");
    }

    private static ZoneConfig WithResource(ZoneConfig config, string resource, string name, string value)
    {
        ResourceType type = ResourceTypes.Find(resource);
        if (type.Refusal is { } reason)
            throw new LofizoneException($"{resource}: can't be added: {reason}");
        Property property = type.Property(name);
        ImmutableList<ImmutableDictionary<string, string>> there = type.Get(config);
        if (there.Count > 1)
            throw new LofizoneException(
                $"{resource}.{name}: the zone has {there.Count} {resource} resources",
                $"zonecfg -z {config.Name} 'select {resource} ...; set {name}=...; end' changes one of them");
        ImmutableDictionary<string, string> values = there.FirstOrDefault() ?? type.Defaults;
        values = value.Length > 0 ? values.SetItem(name, property.Read(value, resource + ": ")) : values.Remove(name);
        if (value.Length == 0 && property.Default is { } standard)
            values = values.SetItem(name, standard);
        bool isEmpty = values.Count == 0 || (value.Length == 0 && values.All(v => type.Defaults.GetValueOrDefault(v.Key) == v.Value));
        return type.With(config, isEmpty ? [] : [values]);
    }
}
