namespace Lofizone.Logs;

/// <summary>Reports the work on a zone in the host's log, for work that no user watches.</summary>
public sealed class LogReporter(HostLogWriter log) : IReporter
{
    public void Line(string text) => log.Add(SafeText.Line(text), LogPriority.Information);

    public void Warning(string text) => log.Add(SafeText.Line(text), LogPriority.Warning);

    public void Progress(string text, long done, long total)
    {
        // Progress matters only to a user who waits.
    }
}
