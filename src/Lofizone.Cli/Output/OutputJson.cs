using System.Text.Json.Serialization;
using Lofizone.Doctor;
using Lofizone.Explain;
using Lofizone.Zones;

namespace Lofizone.Cli.Output;

/// <summary>The documents that the --json options print.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy =
        JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<ZoneListing>))]
[JsonSerializable(typeof(IReadOnlyList<SpaceRow>))]
[JsonSerializable(typeof(IReadOnlyList<SharedZone>))]
[JsonSerializable(typeof(IReadOnlyList<LofiListing>))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(Diagnosis))]
internal sealed partial class OutputJson : JsonSerializerContext;
