using Lofizone.Hosts;

namespace Lofizone.Logs;

/// <summary>Passes on the reports about a zone. Warnings also go to the host's log, for a later reader.</summary>
/// <param name="inner">Receiver of the reports.</param>
/// <param name="paths">The host.</param>
/// <param name="zone">The zone.</param>
/// <param name="naming">Tells whether each line begins with the zone's name, as needed for several zones side by side.</param>
public sealed class ZoneReporter(IReporter inner, HostPaths paths, string zone, ZoneNaming naming = ZoneNaming.AsWritten) : IReporter
{
    public void Line(string text) => inner.Line(Named(text));

    public void Warning(string text)
    {
        inner.Warning(Named(text));
        Lifecycle.Warn(paths, zone, text);
    }

    public void Progress(string text, long done, long total) => inner.Progress(Named(text), done, total);

    private string Named(string text) => naming == ZoneNaming.Always ? HostLogWriter.Named(zone, text) : text;
}

/// <summary>The lines that name their zone.</summary>
public enum ZoneNaming
{
    /// <summary>The lines that were written with a zone's name.</summary>
    AsWritten,

    /// <summary>All lines.</summary>
    Always,
}
