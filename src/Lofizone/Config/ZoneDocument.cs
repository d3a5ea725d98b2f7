using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lofizone.Config;

/// <summary>
/// The layout of zone.json, in the order of writing. A change of the layout needs a new <see cref="ZoneConfigJson.Version"/>.
/// </summary>
internal sealed record ZoneDocument(
    int Version,
    string Name,
    Guid Uuid = default,
    string? Zonepath = null,
    bool Autoboot = false,
    string Brand = "native",
    RootImageDocument? Rootimage = null,
    IReadOnlyList<NetDocument>? Net = null,
    IReadOnlyList<AttrDocument>? Attr = null,
    IReadOnlyDictionary<string, JsonElement>? Properties = null,
    IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, JsonElement>>>? Resources = null);

internal sealed record RootImageDocument(
    string Storage, long Size, string Fstype, [property: JsonPropertyName("max-iops")] long? Maxiops = null,
    [property: JsonPropertyName("max-bandwidth")] long? Maxbandwidth = null);

internal sealed record NetDocument(string Physical, string? Address = null, string? Defrouter = null);

internal sealed record AttrDocument(string Name, string Type, string Value);

/// <summary>
/// The version alone, which is read first and leniently, so that a file of a newer version is reported as such whatever else it holds.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record ZoneDocumentVersion(int? Version = null);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    IndentSize = 2,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(ZoneDocument))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(ZoneDocumentVersion))]
internal sealed partial class ZoneDocumentContext : JsonSerializerContext;
