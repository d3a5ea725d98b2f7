using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Logs;

namespace Lofizone.Lofi;

/// <summary>An engine's log: what happens to it, one line each with the time in UTC. Not for what happens to single requests.</summary>
/// <param name="output">Takes the lines where there is no journal.</param>
/// <param name="time">The clock.</param>
/// <param name="journal">The journal, which has a clock of its own; or null.</param>
internal sealed class EngineLog(TextWriter output, TimeProvider time, TextWriter? journal = null)
{
    private readonly Lock _gate = new();

    /// <summary>The log of a device's process: the host's journal where there is one, else standard error, which is the device's log file.</summary>
    /// <param name="paths">The host.</param>
    /// <param name="zone">The zone that uses the device, or null.</param>
    /// <param name="file">The device's log file, for lines that the journal does not take.</param>
    public static EngineLog Of(HostPaths paths, string? zone, string file) =>
        new(Console.Error, TimeProvider.System, HostLog.HasJournal(paths) ? HostLog.Open(paths, zone, file) : null);

    public void Write(string text)
    {
        if (journal is not null)
        {
            lock (_gate)
                journal.WriteLine(text);
            return;
        }

        string line = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {text}");
        lock (_gate)
            output.WriteLine(line);
    }
}
