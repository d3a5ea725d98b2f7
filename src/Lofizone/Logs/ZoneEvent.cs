using System.Text.Json.Serialization;

namespace Lofizone.Logs;

/// <summary>Kinds of events of a zone.</summary>
public enum ZoneEventKind
{
    /// <summary>The zone's state changed.</summary>
    [JsonStringEnumMemberName("state")]
    State,

    /// <summary>An operation on the zone ended well.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>An operation failed.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>An operation was interrupted by its user.</summary>
    [JsonStringEnumMemberName("interrupted")]
    Interrupted,

    /// <summary>Something about the zone needs an administrator's attention.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>The zone's init ended without a command: by itself, by a reboot or halt inside of the zone, or by a signal.</summary>
    [JsonStringEnumMemberName("ended")]
    Ended,

    /// <summary>Another host took the zone's image.</summary>
    [JsonStringEnumMemberName("fenced")]
    Fenced,

    /// <summary>The engine of the zone's image ended, and another one goes on or does not.</summary>
    [JsonStringEnumMemberName("engine")]
    Engine,
}

/// <summary>
/// An event of a zone, one line of JSON in the host's file of events. Members are only ever added, so that programs of other versions go on
/// reading.
/// </summary>
public sealed record ZoneEvent
{
    public required DateTimeOffset At { get; init; }

    public required string Zone { get; init; }

    public required ZoneEventKind Event { get; init; }

    /// <summary>The reason: the operation or command during which it happened; null when there was none.</summary>
    public string? Operation { get; init; }

    /// <summary>State before and after, for a change of state. Null stands for a zone that the host does not know.</summary>
    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary>More in words: a failure's message, init's exit.</summary>
    public string? Text { get; init; }

    /// <summary>The cause: who did it.</summary>
    public EventActor? By { get; init; }

    /// <summary>The event in one line for people. Every part is made safe, because texts may quote other parties.</summary>
    public override string ToString()
    {
        string what = Event switch
        {
            ZoneEventKind.State => $"{From ?? "unknown"} -> {To ?? "unknown"}{(Operation is null ? "" : $" ({Operation})")}",
            ZoneEventKind.Done => $"{Operation}: done{(Text is null ? "" : ", " + Text)}",
            ZoneEventKind.Interrupted => $"{Operation}: interrupted",
            ZoneEventKind.Failed => $"{Operation} failed: {Text}",
            ZoneEventKind.Warning => $"warning: {Text}",
            ZoneEventKind.Ended => $"init ended: {Text}",
            ZoneEventKind.Fenced => $"fenced: {Text}",
            _ => Text ?? "",
        };
        return SafeText.Line(By is null ? what : $"{what}, by {By}");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ZoneEvent))]
public sealed partial class EventJson : JsonSerializerContext;
