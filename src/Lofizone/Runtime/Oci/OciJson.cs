using System.Text.Json.Serialization;

namespace Lofizone.Runtime.Oci;

/// <summary>JSON of the runtime's own files, and of the documents that crun and conmon read and write.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy =
        JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(OciSpec))]
[JsonSerializable(typeof(OciProcess))]
[JsonSerializable(typeof(ZoneLaunch))]
[JsonSerializable(typeof(ConmonReport))]
internal sealed partial class OciJson : JsonSerializerContext;

/// <summary>conmon's message on _OCI_SYNCPIPE: the PID of the zone's init, or a negative number and a reason.</summary>
internal sealed record ConmonReport(int Data, string? Message);
