namespace Lofizone.Logs;

/// <summary>Says what is done to a zone in the host's log, for work that nobody watches.</summary>
public sealed class LogReporter(HostLogWriter log) : IReporter
{
    public void Line(string text) => log.Add(Shown.Line(text), LogPriority.Information);

    public void Warning(string text) => log.Add(Shown.Line(text), LogPriority.Warning);

    public void Progress(string text, long done, long total)
    {
        // How far something is matters to who waits for it.
    }
}
