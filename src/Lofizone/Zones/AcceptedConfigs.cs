using System.Text.Json;
using System.Text.Json.Serialization;
using Lofizone.Config;
using Lofizone.Hosts;

namespace Lofizone.Zones;

/// <summary>The configuration that an administrator of this host has accepted, of a zone that the host need not have.</summary>
/// <param name="Uuid">The zone's UUID.</param>
/// <param name="Share">The share on which the configuration was read.</param>
/// <param name="Digest">Digest of the accepted request (<see cref="ConfigRequest.Digest"/>).</param>
/// <param name="At">Time of the acceptance.</param>
public sealed record AcceptedConfig(Guid Uuid, string Share, string Digest, DateTimeOffset At);

/// <summary>The notes of <c>zone accept</c>: <c>/etc/lofizone/accepted/NAME.json</c>.</summary>
public sealed class AcceptedConfigs(HostPaths paths)
{
    /// <summary>The acceptance for the zone of that name; null when there is none.</summary>
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

    /// <summary>Notes an acceptance, and replaces an earlier one of the zone.</summary>
    public void Write(string zone, AcceptedConfig accepted) =>
        HostFile.Write(PathOf(zone), JsonSerializer.SerializeToUtf8Bytes(accepted, AcceptedJson.Default.AcceptedConfig));

    /// <summary>Removes the acceptance for the zone of that name.</summary>
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
