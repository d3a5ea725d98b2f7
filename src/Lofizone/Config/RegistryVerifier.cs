using System.Collections.Immutable;

namespace Lofizone.Config;

/// <summary>The checks of the values that <see cref="ZoneConfig.Values"/> and <see cref="ZoneConfig.Resources"/> keep.</summary>
internal static class RegistryVerifier
{
    /// <summary>All faults, one sentence each in zonecfg's wording.</summary>
    public static IEnumerable<string> Problems(ZoneConfig config) =>
    [
        .. config.Values.Select(v => Of(GlobalProperties.Known(v.Key), v.Key, v.Value)).OfType<string>(),
        .. config.Resources.SelectMany(r => OfType(r.Key, r.Value)),
        .. Combinations(config),
    ];

    private static string? Of(Property? property, string name, string value) =>
        property is null ? $"{SafeText.Text(name)}: no such property"
        : property.Fault(value) is { } fault ? $"{property.Name}: {fault}"
        : property.Kind.Normalize(value) != value
            ? $"{property.Name}: '{SafeText.Text(value)}' is not written as {property.Kind.Normalize(value)}"
        : null;

    private static IEnumerable<string> OfType(string name, ImmutableList<ImmutableDictionary<string, string>> list)
    {
        if (ResourceTypes.Known(name) is not { } type)
            return [$"{SafeText.Text(name)}: no such resource type"];
        if (type.Refusal is not null)
            return [$"{name}: can't be added: {type.Refusal}"];
        if (list.Count > (type.Single ? 1 : ZoneConfigVerifier.MaxResources))
            return [$"{name}: {list.Count} resources, at most {(type.Single ? 1 : ZoneConfigVerifier.MaxResources)} are allowed"];
        return list.SelectMany(values => OfResource(type, values));
    }

    private static IEnumerable<string> OfResource(ResourceType type, ImmutableDictionary<string, string> values)
    {
        foreach (Property missing in type.Properties.Where(p => p.Required && !values.ContainsKey(p.Name)))
            yield return $"{type.Name}: {ZoneConfigVerifier.Missing(missing.Name)}";
        if (values.Count == 0)
            yield return $"{type.Name}: it needs one of {string.Join(", ", type.Properties.Select(p => p.Name))}";
        foreach ((string name, string value) in values.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (Of(type.Properties.FirstOrDefault(p => p.Name == name), name, value) is { } problem)
                yield return $"{type.Name}: {problem}";
        }
    }

    /// <summary>The rules about values that belong together.</summary>
    private static IEnumerable<string> Combinations(ZoneConfig config)
    {
        if (GlobalProperties.BootDependency.Get(config) is { } needs && ValueKind.Items(needs).Contains(config.Name))
            yield return "boot-dependency: the zone can't depend on itself";
        if (ResourceTypes.CappedMemory.Get(config) is [var memory, ..] && memory.ContainsKey("swap") && !memory.ContainsKey("physical"))
            yield return "capped-memory: swap: it needs physical, because the kernel counts memory and swap together";
        if (ResourceTypes.DedicatedCpu.Get(config) is not [var cpus, ..])
            yield break;
        if (cpus.ContainsKey("ncpus") && cpus.ContainsKey("cpus"))
            yield return "dedicated-cpu: ncpus and cpus exclude each other";
        if (ResourceTypes.CappedCpu.Get(config).Count > 0)
            yield return "dedicated-cpu: it excludes capped-cpu";
        if (GlobalProperties.Pool.Get(config) is not null)
            yield return "dedicated-cpu: it excludes pool";
    }
}
