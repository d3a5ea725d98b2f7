using System.Collections.Immutable;

namespace Lofizone.Config;

/// <summary>One difference between two configurations of a zone.</summary>
/// <param name="Name">The property, or <c>RESOURCE: PROPERTY</c>, or a resource that is added or removed.</param>
/// <param name="Text">The difference in zonecfg's words, safe for a terminal: <c>max-lwps: 200 -> 400</c>.</param>
/// <param name="Time">The time at which the change counts for a running zone.</param>
public sealed record ConfigChange(string Name, string Text, ChangeTime Time);

/// <summary>The differences between two configurations of a zone, and the configuration between both.</summary>
public static class ConfigDifference
{
    private const string Unset = "(not set)";

    public static IReadOnlyList<ConfigChange> Between(ZoneConfig before, ZoneConfig after) =>
    [
        .. GlobalProperties.All.Where(p => !p.IsIdentity && p.Get(before) != p.Get(after))
            .Select(p => Change(p.Name, p.Of(before), p.Of(after), p.Change)),
        .. ResourceTypes.All.Where(t => !t.IsView).SelectMany(t => OfType(t, t.Get(before), t.Get(after))),
    ];

    /// <summary>The running zone's configuration with those values of another that count at once for a running zone.</summary>
    public static ZoneConfig WithLive(ZoneConfig running, ZoneConfig other)
    {
        foreach (GlobalProperty property in GlobalProperties.All.Where(p => p.Change <= ChangeTime.Live && p.Get(running) != p.Get(other)))
        {
            running = property.Get(other) is { } value ? property.With(running, value)
                : property.Clear is { } clear ? clear(running) : running;
        }

        foreach (ResourceType type in ResourceTypes.All.Where(t => !t.IsView))
            running = type.With(running, Live(type, type.Get(running), type.Get(other)));
        return running;
    }

    private static ImmutableList<ImmutableDictionary<string, string>> Live(
        ResourceType type, ImmutableList<ImmutableDictionary<string, string>> running, ImmutableList<ImmutableDictionary<string,
            string>> other)
    {
        if (type.Properties.All(p => p.Change <= ChangeTime.Live))
            return other;
        // A resource that has both kinds of properties is one alone in its zone, and may come and go as a whole.
        if (!type.Single)
            return running;
        ImmutableDictionary<string, string> old = running.FirstOrDefault() ?? ImmutableDictionary<string, string>.Empty;
        ImmutableDictionary<string, string> values = other.FirstOrDefault() ?? ImmutableDictionary<string, string>.Empty;
        var mixed = type.Properties.Select(p => (p.Name, Value: (p.Change <= ChangeTime.Live ? values : old).GetValueOrDefault(p.Name)))
            .Where(p => p.Value is not null).ToImmutableDictionary(p => p.Name, p => p.Value!);
        return mixed.Count == 0 ? [] : [mixed];
    }

    private static IEnumerable<ConfigChange> OfType(
        ResourceType type, ImmutableList<ImmutableDictionary<string, string>> before, ImmutableList<ImmutableDictionary<string,
            string>> after)
    {
        for (int i = 0; i < Math.Max(before.Count, after.Count); i++)
        {
            if (!type.Single && (i >= before.Count || i >= after.Count))
            {
                bool isNew = i >= before.Count;
                yield return new ConfigChange(
                    type.Name, $"{type.Name}: {(isNew ? "added" : "removed")}: {Words(type, isNew ? after[i] : before[i])}", Latest(type));
                continue;
            }

            ImmutableDictionary<string, string>? old = before.ElementAtOrDefault(i), now = after.ElementAtOrDefault(i);
            foreach (Property property in type.Properties)
            {
                string? was = old?.GetValueOrDefault(property.Name), becomes = now?.GetValueOrDefault(property.Name);
                if (was != becomes)
                    yield return Change($"{type.Name}: {property.Name}", was, becomes, property.Change);
            }
        }
    }

    private static ChangeTime Latest(ResourceType type) => type.Properties.Max(p => p.Change);

    private static string Words(ResourceType type, ImmutableDictionary<string, string> values) =>
        string.Join(' ', type.Properties.Where(p => values.ContainsKey(p.Name)).Select(p => $"{p.Name}={SafeText.Text(values[p.Name])}"));

    private static ConfigChange Change(string name, string? before, string? after, ChangeTime time) =>
        new(name, $"{name}: {Shown(before)} -> {Shown(after)}", time);

    private static string Shown(string? value) => value is null ? Unset : SafeText.Text(value);
}
