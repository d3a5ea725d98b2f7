using System.Text.Json;
using System.Text.Json.Serialization;
using Lofizone.Config;
using Lofizone.Hosts;

namespace Lofizone.Zones;

/// <summary>What an administrator of this host has accepted of a zone that the host need not have.</summary>
/// <param name="Uuid">The zone's UUID.</param>
/// <param name="Share">Where it was looked at.</param>
/// <param name="Digest">Of exactly what was accepted (<see cref="ConfigRequest.Digest"/>).</param>
/// <param name="At">When.</param>
public sealed record AcceptedConfig(Guid Uuid, string Share, string Digest, DateTimeOffset At);

/// <summary>What <c>zone accept</c> has noted: <c>/etc/lofizone/accepted/NAME.json</c>.</summary>
public sealed class AcceptedConfigs(HostPaths paths)
{
    /// <summary>What was accepted of the zone of that name; null for nothing.</summary>
    public AcceptedConfig? Read(string zone)
    {
        if (HostFile.Read(PathOf(zone)) is not { } json)
            return null;
        try
        {
            return JsonSerializer.Deserialize(json, AcceptedJson.Default.AcceptedConfig);
        }
        catch (JsonException error)
        {
            throw new LofizoneException(
                $"{PathOf(zone)}: broken JSON: {error.Message}", $"remove the file, and accept the zone again: zone accept URI", error);
        }
    }

    /// <summary>Notes it, in the place of what was accepted of the zone before.</summary>
    public void Write(string zone, AcceptedConfig accepted) =>
        HostFile.Write(PathOf(zone), JsonSerializer.SerializeToUtf8Bytes(accepted, AcceptedJson.Default.AcceptedConfig));

    /// <summary>Nothing is accepted of a zone of that name any more.</summary>
    public void Delete(string zone) => HostFile.Delete(PathOf(zone));

    private string PathOf(string zone)
    {
        ZoneName.Check(zone);
        return Path.Combine(paths.Accepted, zone + ".json");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy =
        JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AcceptedConfig))]
internal sealed partial class AcceptedJson : JsonSerializerContext;
