using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lofizone.Config;

/// <summary>The JSON schema of zone.json (json-schema.org, draft 2020-12), made of the registry.</summary>
public static class ZoneSchema
{
    private static readonly JsonWriterOptions _indented = new() { Indented = true, NewLine = "\n" };

    public static string Text()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, _indented))
            Schema().WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static JsonObject Schema() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "zone.json of Lofizone",
        ["type"] = "object",
        ["required"] = new JsonArray("version", "name"),
        ["additionalProperties"] = false,
        ["properties"] = Members(),
    };

    private static JsonObject Members()
    {
        JsonObject members = new()
        {
            ["version"] = new JsonObject
            {
                ["description"] = "version of the layout",
                ["type"] = "integer",
                ["minimum"] = 1,
                ["maximum"] = ZoneConfigJson.Version,
            },
            ["name"] = new JsonObject { ["description"] = "the zone's name", ["type"] = "string", ["maxLength"] = ZoneName.MaxLength },
            ["uuid"] = new JsonObject { ["type"] = "string", ["format"] = "uuid" },
        };
        foreach (GlobalProperty property in GlobalProperties.All.Where(p => p is { IsInValues: false, IsIdentity: false }))
            members[property.Name] = Value(property);
        foreach (ResourceType type in ResourceTypes.All.Where(t => t is { IsInResources: false, IsView: false }))
            members[type.Name] = type.Single ? Resource(type) : List(type);
        members["properties"] = Object(GlobalProperties.All.Where(p => p.IsInValues).Select(p => (p.Name, Value(p))));
        members["resources"] = Object(ResourceTypes.All.Where(t => t.IsInResources).Select(t => (t.Name, List(t))));
        return members;
    }

    private static JsonObject Object(IEnumerable<(string Name, JsonObject Schema)> members)
    {
        JsonObject all = [];
        foreach ((string name, JsonObject schema) in members)
            all[name] = schema;
        return new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = all };
    }

    private static JsonObject List(ResourceType type) => new()
    {
        ["type"] = "array",
        ["minItems"] = 1,
        ["maxItems"] = type.Single ? 1 : ZoneConfigVerifier.MaxResources,
        ["items"] = Resource(type),
    };

    private static JsonObject Resource(ResourceType type)
    {
        JsonObject schema = Object(type.Properties.Where(p => p.Refusal is null).Select(p => (p.Name, Value(p))));
        schema["description"] = type.Meaning;
        if (type.Properties.Any(p => p.Required))
            schema["required"] = new JsonArray([.. type.Properties.Where(p => p.Required).Select(p => JsonValue.Create(p.Name))]);
        return schema;
    }

    private static JsonObject Value(Property property)
    {
        // The sizes of rootimage are those that zone.json holds as a number of bytes.
        bool isBytes = property == ResourceTypes.RootImage.Property("size") || property == ResourceTypes.MaxBandwidth;
        JsonForm form = isBytes ? JsonForm.Number : property.Kind.Json;
        JsonObject schema = new() { ["description"] = property.Meaning };
        schema["type"] = form switch
        {
            JsonForm.Number => "integer",
            JsonForm.Boolean => "boolean",
            JsonForm.List => "array",
            _ => "string",
        };
        if (form == JsonForm.List)
            schema["items"] = new JsonObject { ["type"] = "string" };
        if (form == JsonForm.Text && property.Kind.Words.Count > 0)
            schema["enum"] = new JsonArray([.. property.Kind.Words.Select(w => JsonValue.Create(w))]);
        if (form == JsonForm.Text)
            schema["examples"] = new JsonArray([.. property.Kind.Examples.Select(e => JsonValue.Create(e))]);
        if (property.Kind.Range is { } range && form == JsonForm.Number)
        {
            schema["minimum"] = range.Least;
            schema["maximum"] = range.Most;
        }

        if (property.Default is { } standard)
            schema["default"] = form switch
            {
                JsonForm.Number => long.Parse(standard, CultureInfo.InvariantCulture),
                JsonForm.Boolean => standard == "true",
                _ => standard,
            };
        return schema;
    }
}
