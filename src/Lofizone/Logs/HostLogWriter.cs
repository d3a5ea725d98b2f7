using System.Text;

namespace Lofizone.Logs;

/// <summary>
/// Makes an entry of each line. An entry names the zone that it is about, because not every reader sees the field ZONE. A log that can't be
/// written stops no work.
/// </summary>
/// <param name="zone">The zone that the lines are about; null when there is none.</param>
public abstract class HostLogWriter(string? zone) : TextWriter
{
    /// <summary>Longest text of an entry, characters. This program writes no longer text, and the size of a datagram is limited.</summary>
    public const int LimitCharacters = 16_384;

    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Adds one entry. False when the entry could not be stored.</summary>
    public bool Add(string text, LogPriority priority) => Store(Cut(Named(zone, text)), priority);

    public override void Write(char value)
    {
        if (value != '\n')
            _line.Append(value);
        else
            Send();
    }

    /// <summary>Makes the text begin with <c>zone NAME: </c>, once.</summary>
    internal static string Named(string? zone, string text) =>
        zone is null || text.StartsWith($"zone {zone}: ", StringComparison.Ordinal) ? text
        : text.StartsWith(zone + ": ", StringComparison.Ordinal) ? "zone " + text
        : $"zone {zone}: {text}";

    /// <summary>Stores an entry. False when that failed.</summary>
    protected abstract bool Store(string text, LogPriority priority);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Send();
        base.Dispose(disposing);
    }

    private static string Cut(string text) => text.Length > LimitCharacters ? text[..LimitCharacters] : text;

    private void Send()
    {
        string line = _line.ToString();
        _line.Clear();
        if (line.Length > 0)
            Add(line, LogPriority.Information);
    }
}
