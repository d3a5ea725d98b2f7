namespace Lofizone;

/// <summary>
/// Makes foreign text fit for a message: a share may be writable by others, and what they wrote must not reach a terminal
/// as control characters, nor fill it.
/// </summary>
public static class Shown
{
    /// <summary>Longest text that is shown, characters.</summary>
    public const int MaxLength = 80;

    /// <summary>Longest line that another host may have us show, characters; and most lines of a message.</summary>
    private const int MaxLineLength = 2000, MaxLines = 40;

    /// <summary>At most 80 characters of the text, with a question mark for every character that is not safe.</summary>
    public static string Text(string text)
    {
        string cut = text.Length > MaxLength ? string.Concat(text.AsSpan(0, MaxLength), "...") : text;
        return string.Concat(cut.Select(c => IsSafe(c) ? c : '?'));
    }

    /// <summary>
    /// A line that others made, or that quotes them: blanks in the place of line ends, so that nothing of it passes for a line of ours,
    /// question marks for all else that is not safe.
    /// </summary>
    public static string Line(string text)
    {
        string cut = text.Length > MaxLineLength ? string.Concat(text.AsSpan(0, MaxLineLength), "...") : text;
        return string.Concat(cut.ReplaceLineEndings(" ").Select(c => c == '\t' || IsSafe(c) ? c : '?'));
    }

    /// <summary>
    /// Several lines, as programs print them on their standard error: every line but the first is marked as going on with the one before.
    /// </summary>
    public static string Lines(string text)
    {
        string[] lines = text.Split('\n', MaxLines + 1);
        return string.Join("\n\t| ", lines.Take(MaxLines).Select(l => Line(l.TrimEnd('\r'))).Append("...").Take(lines.Length));
    }

    /// <summary>False for what moves a cursor, breaks a line or turns the direction of writing.</summary>
    public static bool IsSafe(char c) => char.GetUnicodeCategory(c) is not (
        System.Globalization.UnicodeCategory.Control
        or System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator
        or System.Globalization.UnicodeCategory.Surrogate);
}
