using System.Text.Json;
using System.Text.Json.Serialization;
using Lofizone.Hosts;
using Lofizone.Zones;

namespace Lofizone.Moving;

/// <summary>A zone that an evacuation moves away, or has moved away.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Uuid">Its UUID.</param>
/// <param name="To">The host, as the command named the host.</param>
/// <param name="Program">Name of this program on that host.</param>
/// <param name="At">Time of the move.</param>
public sealed record EvacuatedZone(string Zone, Guid Uuid, string To, string Program, DateTimeOffset At);

/// <summary>
/// The moved zones and their hosts, for the way back: <c>/etc/lofizone/evacuated.json</c>. A zone is noted before it is moved, so that a
/// kill loses none. On the way back the hosts are asked again which zones they have.
/// </summary>
public sealed class EvacuationFile(HostPaths paths)
{
    private static readonly TimeSpan _lockLimit = TimeSpan.FromSeconds(10);

    /// <summary>All noted zones, in the order of their moves.</summary>
    public IReadOnlyList<EvacuatedZone> Read()
    {
        if (HostFile.Read(paths.Evacuated) is not { } json)
            return [];
        try
        {
            return JsonSerializer.Deserialize(json, EvacuationJson.Default.IReadOnlyListEvacuatedZone) ?? [];
        }
        catch (JsonException error)
        {
            throw new LofizoneException(
                $"{paths.Evacuated}: broken JSON: {error.Message}",
                "mend the file; or move it away, and bring the zones back one by one: zone move, on the hosts that have them", error);
        }
    }

    /// <summary>Adds a zone, or replaces the zone's note.</summary>
    public void Note(EvacuatedZone zone)
    {
        using HostLock held = Lock();
        Write([.. Read().Where(z => z.Zone != zone.Zone), zone]);
    }

    /// <summary>Removes the note of a zone that is here again.</summary>
    public void Remove(string zone)
    {
        using HostLock held = Lock();
        EvacuatedZone[] left = [.. Read().Where(z => z.Zone != zone)];
        if (left.Length > 0)
            Write(left);
        else
            HostFile.Delete(paths.Evacuated);
    }

    /// <summary>Two evacuations at the same time must not overwrite each other's notes.</summary>
    private HostLock Lock() => HostLock.Take(paths, ".evacuated", "evacuate", _lockLimit);

    private void Write(IReadOnlyList<EvacuatedZone> zones) =>
        HostFile.Write(paths.Evacuated, JsonSerializer.SerializeToUtf8Bytes(zones, EvacuationJson.Default.IReadOnlyListEvacuatedZone));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy =
        JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(IReadOnlyList<EvacuatedZone>))]
internal sealed partial class EvacuationJson : JsonSerializerContext;
