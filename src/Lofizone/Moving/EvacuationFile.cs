using System.Text.Json;
using System.Text.Json.Serialization;
using Lofizone.Hosts;
using Lofizone.Zones;

namespace Lofizone.Moving;

/// <summary>A zone that an evacuation moves away, or has moved away.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Uuid">Its UUID.</param>
/// <param name="To">The host, as the command named it.</param>
/// <param name="Program">This program there.</param>
/// <param name="At">When.</param>
public sealed record EvacuatedZone(string Zone, Guid Uuid, string To, string Program, DateTimeOffset At);

/// <summary>
/// What was moved where, for the way back: <c>/etc/lofizone/evacuated.json</c>. A zone is noted before it is moved, so that a kill loses
/// none; who has it is asked again on the way back.
/// </summary>
public sealed class EvacuationFile(HostPaths paths)
{
    private static readonly TimeSpan _lockLimit = TimeSpan.FromSeconds(10);

    /// <summary>All of them, in the order in which they went.</summary>
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

    /// <summary>Adds a zone, or replaces what was noted of it.</summary>
    public void Note(EvacuatedZone zone)
    {
        using HostLock held = Lock();
        Write([.. Read().Where(z => z.Zone != zone.Zone), zone]);
    }

    /// <summary>The zone is here.</summary>
    public void Remove(string zone)
    {
        using HostLock held = Lock();
        EvacuatedZone[] left = [.. Read().Where(z => z.Zone != zone)];
        if (left.Length > 0)
            Write(left);
        else
            HostFile.Delete(paths.Evacuated);
    }

    /// <summary>Two evacuations at once must not forget each other's zones.</summary>
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
