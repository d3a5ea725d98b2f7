using System.Globalization;

namespace Lofizone.Runtime;

/// <summary>A line of a zone's console, from the log that conmon writes: <c>TIME STREAM F|P TEXT</c>.</summary>
/// <param name="At">Time at which conmon got the line.</param>
/// <param name="Text">The zone's text, safe for a terminal and without colours and cursor movements.</param>
public sealed record ConsoleLine(DateTimeOffset At, string Text)
{
    /// <summary>Parses a line of the log; null when the line has another form, as the first line of a cut log has.</summary>
    public static ConsoleLine? Parse(string line)
    {
        string[] fields = line.Split(' ', 4);
        return fields.Length == 4 && fields[2] is "F" or "P"
            && DateTimeOffset.TryParse(fields[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)
            ? new ConsoleLine(at, SafeText.Line(ConsoleTail.WithoutSequences(fields[3].TrimEnd('\r'))))
            : null;
    }
}
