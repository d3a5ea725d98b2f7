using System.Text.Json;
using Lofizone.Hosts;

namespace Lofizone.Logs;

/// <summary>
/// The events of the host's zones: one bounded file with a line of JSON for each. This file is the only source for <c>zone events</c> and
/// <c>zone log</c> (docs/decisions/008).
/// </summary>
public static class EventLog
{
    private const string FileName = "events.jsonl";
    private const byte LineEnd = (byte)'\n';

    public static string FileOf(HostPaths paths) => Path.Combine(paths.Log, FileName);

    /// <summary>Adds an event with the present cause. False when it could not be stored, which stops no work.</summary>
    public static bool Add(HostPaths paths, string zone, ZoneEventKind kind, string? text = null, string? operation = null) =>
        Add(paths, Make(zone, kind) with { Text = Safe(text), Operation = Safe(operation) ?? EventCause.Current?.Operation });

    /// <summary>Adds a change of state. States that are equal are no change.</summary>
    public static bool AddState(HostPaths paths, string zone, string? from, string? to) =>
        from == to || Add(paths, Make(zone, ZoneEventKind.State) with { From = from, To = to, Operation = EventCause.Current?.Operation });

    /// <summary>The stored events, oldest first. Lines that are no events are left out: a crash of the host may cut a line.</summary>
    public static IReadOnlyList<ZoneEvent> Read(HostPaths paths)
    {
        string file = FileOf(paths);
        return [.. ((string[])[file + BoundedFile.Aside, file]).SelectMany(TailedFile.ReadAll).Select(Parse).OfType<ZoneEvent>()];
    }

    /// <summary>The event of a line; null when the line is none.</summary>
    public static ZoneEvent? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, EventJson.Default.ZoneEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ZoneEvent Make(string zone, ZoneEventKind kind) =>
        new() { At = TimeProvider.System.GetUtcNow(), Zone = zone, Event = kind, By = EventCause.Current?.By };

    private static bool Add(HostPaths paths, ZoneEvent what) =>
        new BoundedFile(FileOf(paths)).Append([.. JsonSerializer.SerializeToUtf8Bytes(what, EventJson.Default.ZoneEvent), LineEnd]);

    private static string? Safe(string? text) => text is null ? null : SafeText.Line(text);
}
