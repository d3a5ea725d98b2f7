using Lofizone.Hosts;

namespace Lofizone.Logs;

/// <summary>Passes on what is said of a zone; warnings go to the host's log, too, where whoever looks for them later finds them.</summary>
/// <param name="inner">Who is told.</param>
/// <param name="paths">The host.</param>
/// <param name="zone">The zone.</param>
/// <param name="naming">Whether each line begins with the zone's name: for several zones side by side.</param>
public sealed class ZoneReporter(IReporter inner, HostPaths paths, string zone, ZoneNaming naming = ZoneNaming.AsWritten) : IReporter
{
    public void Line(string text) => inner.Line(Named(text));

    public void Warning(string text)
    {
        inner.Warning(Named(text));
        Lifecycle.Note(paths, zone, text, LogPriority.Warning);
    }

    public void Progress(string text, long done, long total) => inner.Progress(Named(text), done, total);

    private string Named(string text) => naming == ZoneNaming.Always ? HostLogWriter.Named(zone, text) : text;
}

/// <summary>Which lines name their zone.</summary>
public enum ZoneNaming
{
    /// <summary>Those that were written so.</summary>
    AsWritten,

    /// <summary>All.</summary>
    Always,
}
