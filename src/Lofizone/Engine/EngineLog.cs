using Lofizone.Hosts;
using Lofizone.Logs;

namespace Lofizone.Engine;

/// <summary>A device's log: the events of its processes, one line each. The log does not tell of single requests.</summary>
/// <param name="output">Takes the lines.</param>
/// <param name="event">Takes what also counts as an event of the device's zone; null when the device has no zone.</param>
internal sealed class EngineLog(HostLogWriter output, Action<string>? @event = null)
{
    /// <summary>The log of a device's process: the host's journal where journald runs, otherwise the device's log file.</summary>
    /// <param name="paths">The host.</param>
    /// <param name="zone">The zone that uses the device, or null.</param>
    /// <param name="file">The device's log file.</param>
    public static EngineLog Of(HostPaths paths, string? zone, string file) => new(
        HostLog.Open(paths, zone, file), zone is null ? null : text =>
        {
            using EventCause cause = EventCause.Begin(operation: null, EventActor.Keeper);
            EventLog.Add(paths, zone, ZoneEventKind.Engine, text);
        });

    /// <summary>The log of an engine that has its parameters.</summary>
    public static EngineLog Of(EngineParameters parameters) => Of(new HostPaths(parameters.HostRoot), parameters.Zone, parameters.LogFile);

    /// <summary>Writes that an engine has ended, an event of the zone.</summary>
    public void WriteEnd(string text)
    {
        Write("keeper: " + text);
        @event?.Invoke(text);
    }

    public void Write(string text) => output.Add(text, LogPriority.Information);
}
