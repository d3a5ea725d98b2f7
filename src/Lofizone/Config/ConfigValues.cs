using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Lofizone.Config;

/// <summary>
/// The members <c>properties</c> and <c>resources</c> of zone.json: the values of the registry's properties, each in the JSON form of its
/// kind.
/// </summary>
internal static class ConfigValues
{
    /// <summary>The member <c>properties</c>; null when the configuration has none of them.</summary>
    public static IReadOnlyDictionary<string, JsonElement>? Properties(ZoneConfig config) => config.Values.Count == 0
        ? null
        : new OrderedDictionary<string, JsonElement>(
            config.Values.Select(v => new KeyValuePair<string, JsonElement>(v.Key, Element(FindGlobal(v.Key), v.Value))));

    /// <summary>The member <c>resources</c>; null when the configuration has none of them.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>>>? Resources(ZoneConfig config)
    {
        if (config.Resources.Count == 0)
            return null;
        OrderedDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>>> members = [];
        foreach ((string name, ImmutableList<ImmutableDictionary<string, string>> list) in config.Resources)
            members.Add(name, [.. list.Select(values => Resource(FindType(name), values))]);
        return members;
    }

    /// <summary>
    /// The configuration with the values of a document, or the fault of the document. The values themselves are not checked.
    /// </summary>
    public static (ZoneConfig Config, string? Fault) Read(ZoneConfig config, ZoneDocument document)
    {
        var values = config.Values;
        foreach ((string name, JsonElement element) in document.Properties ?? ImmutableDictionary<string, JsonElement>.Empty)
        {
            if (FindGlobal(name) is not { } property)
                return (config, $"properties: {name}: no such property");
            if (Text(property, element) is not { } text)
                return (config, $"properties: {name}: {Wrong(property)}");
            if (text != property.Default)
                values = values.SetItem(name, text);
        }

        var resources = config.Resources;
        foreach ((string name, var list) in document.Resources
            ?? ImmutableDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>>>.Empty)
        {
            if (FindType(name) is not { } type)
                return (config, $"resources: {name}: no such resource");
            if (list is null or [] || list.Count > ZoneConfigVerifier.MaxResources)
                return (config, $"resources: {name}: it is not a list of 1 to {ZoneConfigVerifier.MaxResources} resources");
            List<ImmutableDictionary<string, string>> read = [];
            foreach (IReadOnlyDictionary<string, JsonElement>? one in list)
            {
                (ImmutableDictionary<string, string> sound, string? fault) = Read(type, one);
                if (fault is not null)
                    return (config, $"resources: {name}: {fault}");
                read.Add(sound);
            }

            resources = resources.SetItem(name, [.. read]);
        }

        return (config with { Values = values, Resources = resources }, null);
    }

    private static (ImmutableDictionary<string, string> Values, string? Fault) Read(
        ResourceType type, IReadOnlyDictionary<string, JsonElement>? members)
    {
        ImmutableDictionary<string, string> values = type.Defaults;
        foreach ((string name, JsonElement element) in members ?? ImmutableDictionary<string, JsonElement>.Empty)
        {
            if (type.Properties.FirstOrDefault(p => p.Name == name) is not { } property)
                return (values, $"{name}: no such property");
            if (Text(property, element) is not { } text)
                return (values, $"{name}: {Wrong(property)}");
            values = values.SetItem(name, text);
        }

        return (values, members is null ? "it is null" : null);
    }

    private static OrderedDictionary<string, JsonElement> Resource(ResourceType? type, ImmutableDictionary<string, string> values) =>
        new(values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(
            v => new KeyValuePair<string, JsonElement>(
                v.Key, Element(type?.Properties.FirstOrDefault(p => p.Name == v.Key), v.Value))));

    /// <summary>The value in its JSON form. A value that is not of its kind stays a text, and is found by the checks.</summary>
    private static JsonElement Element(Property? property, string text) => property?.Kind.Json switch
    {
        JsonForm.Number when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) =>
            JsonSerializer.SerializeToElement(number, ZoneDocumentContext.Default.Int64),
        JsonForm.Boolean when bool.TryParse(text, out bool flag) =>
            JsonSerializer.SerializeToElement(flag, ZoneDocumentContext.Default.Boolean),
        JsonForm.List => JsonSerializer.SerializeToElement(ValueKind.Items(text), ZoneDocumentContext.Default.IReadOnlyListString),
        _ => JsonSerializer.SerializeToElement(text, ZoneDocumentContext.Default.String),
    };

    /// <summary>
    /// The text of a value, in the form for keeping when the value is sound; null when it has not the JSON form of its kind.
    /// </summary>
    private static string? Text(Property property, JsonElement element)
    {
        string? text = (property.Kind.Json, element.ValueKind) switch
        {
            (JsonForm.Number, JsonValueKind.Number) => element.GetRawText(),
            (JsonForm.Boolean, JsonValueKind.True) => "true",
            (JsonForm.Boolean, JsonValueKind.False) => "false",
            (JsonForm.Text, JsonValueKind.String) => element.GetString(),
            (JsonForm.List, JsonValueKind.Array) => ListText(element),
            _ => null,
        };
        return text is { Length: > 0 } && property.Kind.Check(text) is null ? property.Kind.Normalize(text) : text;
    }

    private static string? ListText(JsonElement list) =>
        list.GetArrayLength() is > 0 and <= ValueKind.MaxItems
        && list.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String && !i.GetString()!.Contains(','))
            ? string.Join(',', list.EnumerateArray().Select(i => i.GetString()))
            : null;

    private static string Wrong(Property property) => property.Kind.Json switch
    {
        JsonForm.Number => "it is no number",
        JsonForm.Boolean => "it is not true or false",
        JsonForm.List => "it is no list of texts",
        _ => "it is no text",
    };

    private static GlobalProperty? FindGlobal(string name) =>
        GlobalProperties.Known(name) is { IsInValues: true } property ? property : null;

    private static ResourceType? FindType(string name) => ResourceTypes.Known(name) is { IsInResources: true } type ? type : null;
}
