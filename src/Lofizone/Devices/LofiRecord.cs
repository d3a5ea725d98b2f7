using System.Text.Json;
using System.Text.Json.Serialization;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Devices;

/// <summary>The form in which a <see cref="LofiDevice"/> is written to <c>/run/lofizone/lofi/N.json</c>.</summary>
internal sealed record LofiRecord
{
    public required int Number { get; init; }
    public required string Link { get; init; }
    public required string File { get; init; }
    public required LofiState State { get; init; }
    public string LoopDevice { get; init; } = "";
    public long SizeBytes { get; init; }
    public required string Transport { get; init; }
    public string? Mount { get; init; }
    public string? ZoneName { get; init; }
    public int? EnginePid { get; init; }
    public long? EngineStartTicks { get; init; }
    public required string Token { get; init; }
    public string BackingFile { get; init; } = "";
    public LoopFigures? LoopBefore { get; init; }
    public required DateTimeOffset Since { get; init; }

    public static byte[] Serialize(LofiDevice device) => JsonSerializer.SerializeToUtf8Bytes(
        new LofiRecord
        {
            Number = device.Number,
            Link = device.Link,
            File = device.File.ToString(),
            State = device.State,
            LoopDevice = device.LoopDevice,
            SizeBytes = device.SizeBytes,
            Transport = device.Transport,
            Mount = device.Mount,
            ZoneName = device.ZoneName,
            EnginePid = device.Engine?.Pid,
            EngineStartTicks = device.Engine?.StartTicks,
            Token = device.Token,
            BackingFile = device.BackingFile,
            LoopBefore = device.LoopBefore,
            Since = device.Since,
        },
        LofiJson.Default.LofiRecord);

    /// <exception cref="JsonException">The content is not a record.</exception>
    /// <exception cref="LofizoneException">The image's URI is not valid.</exception>
    public static LofiDevice Deserialize(ReadOnlySpan<byte> json)
    {
        LofiRecord record = JsonSerializer.Deserialize(json, LofiJson.Default.LofiRecord) ?? throw new JsonException("null is no record");
        return new LofiDevice
        {
            Number = record.Number,
            Link = record.Link,
            File = ShareUri.Parse(record.File),
            State = record.State,
            LoopDevice = record.LoopDevice,
            SizeBytes = record.SizeBytes,
            Transport = record.Transport,
            Mount = record.Mount,
            ZoneName = record.ZoneName,
            Engine = record is { EnginePid: { } pid, EngineStartTicks: { } start } ? new ProcessIdentity(pid, start) : null,
            Token = record.Token,
            BackingFile = record.BackingFile,
            LoopBefore = record.LoopBefore,
            Since = record.Since,
        };
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true,
    DefaultIgnoreCondition =
        JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(LofiRecord))]
internal sealed partial class LofiJson : JsonSerializerContext;
