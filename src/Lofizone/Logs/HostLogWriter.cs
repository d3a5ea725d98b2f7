using System.Text;

namespace Lofizone.Logs;

/// <summary>
/// Makes an entry of each line. An entry names the zone that it is about, also where nobody sees the field ZONE. A log that can't be
/// written stops nothing: what is told matters less than what is done.
/// </summary>
/// <param name="zone">The zone that the lines are about, or null.</param>
public abstract class HostLogWriter(string? zone) : TextWriter
{
    /// <summary>Longest text of an entry, characters: what is longer did not come from us, and a datagram has an end.</summary>
    public const int LimitCharacters = 16_384;

    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>One entry; false when nothing took it.</summary>
    public bool Add(string text, LogPriority priority) => Store(Cut(Named(zone, text)), priority);

    public override void Write(char value)
    {
        if (value != '\n')
            _line.Append(value);
        else
            Send();
    }

    /// <summary>Begins with <c>zone NAME: </c>, once.</summary>
    internal static string Named(string? zone, string text) =>
        zone is null || text.StartsWith($"zone {zone}: ", StringComparison.Ordinal) ? text
        : text.StartsWith(zone + ": ", StringComparison.Ordinal) ? "zone " + text
        : $"zone {zone}: {text}";

    /// <summary>Stores an entry; false when that can't be done.</summary>
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
