using System.Collections.Immutable;
using System.Text;

namespace Lofizone.Config.Zonecfg;

/// <summary>Prints configurations in zonecfg's two forms: for people (info) and as commands (export).</summary>
internal static class ConfigPrinter
{
    /// <summary>The whole configuration.</summary>
    public static string Info(ZoneConfig config)
    {
        StringBuilder text = new();
        foreach (GlobalProperty property in GlobalProperties.All.Where(p => !p.IsInValues || p.Get(config) is not null))
            text.Append(Info(config, property));
        foreach (ResourceType type in ResourceTypes.All)
        {
            foreach (ImmutableDictionary<string, string> values in type.Get(config))
                text.Append(Info(type, values));
        }

        return text.ToString();
    }

    public static string Info(ZoneConfig config, GlobalProperty property) =>
        property.Of(config) is { } value ? $"{property.Name}: {Quote(value)}\n" : $"{property.Name} not specified\n";

    public static string Info(ResourceType type, ImmutableDictionary<string, string> values)
    {
        StringBuilder text = new();
        text.Append(type.Name).Append(":\n");
        foreach (Property property in type.Properties)
            text.Append('\t').Append(property.Name)
                .Append(values.TryGetValue(property.Name, out string? value) ? ": " + Quote(value) : " not specified").Append('\n');
        return text.ToString();
    }

    /// <summary>Commands that make the same configuration again, under any name.</summary>
    public static string Export(ZoneConfig config)
    {
        StringBuilder text = new("create -b\n");
        foreach (GlobalProperty property in GlobalProperties.All.Where(p => !p.IsIdentity))
        {
            if (property.Get(config) is { } value)
                AppendSet(text, property.Name, property == GlobalProperties.ZonePath ? WithToken(value, config.Name) : value);
        }

        foreach (ResourceType type in ResourceTypes.All.Where(t => !t.IsView))
        {
            foreach (ImmutableDictionary<string, string> values in type.Get(config))
            {
                text.Append("add ").Append(type.Name).Append('\n');
                foreach (Property property in type.Properties.Where(p => values.ContainsKey(p.Name)))
                    AppendSet(text, property.Name, values[property.Name]);
                text.Append("end\n");
            }
        }

        return text.ToString();
    }

    /// <summary>
    /// A path that ends with the zone's name ends with the token for the name, so that the export also serves other zones.
    /// </summary>
    private static string WithToken(string path, string zone) => path.EndsWith("/" + zone, StringComparison.Ordinal)
        ? path[..^zone.Length] + PropertyChecks.ZoneNameToken
        : path;

    /// <summary>A value in a form that the lexer reads back: bare when no character has a meaning, otherwise in double quotes.</summary>
    public static string Quote(string value)
    {
        bool bare = value.Length > 0 && value.All(c => !char.IsWhiteSpace(c) && !"=;,#\"\\()[]".Contains(c));
        return bare
            ? value
            : "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }

    private static void AppendSet(StringBuilder text, string name, string value) =>
        text.Append("set ").Append(name).Append('=').Append(Quote(value)).Append('\n');
}
