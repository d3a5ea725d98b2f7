namespace Lofizone;

/// <summary>
/// Makes foreign text safe for a message. Other parties may write to a share, and their text must neither reach a terminal as control
/// characters nor fill the terminal.
/// </summary>
public static class SafeText
{
    /// <summary>Length of the longest text that is shown, characters.</summary>
    public const int MaxLength = 80;

    /// <summary>
    /// Length of the longest line that another host's text may have, characters; and largest number of lines in a message.
    /// </summary>
    private const int MaxLineLength = 2000, MaxLines = 40;

    /// <summary>At most 80 characters of the text, with a question mark for every unsafe character.</summary>
    public static string Text(string text)
    {
        string cut = text.Length > MaxLength ? string.Concat(text.AsSpan(0, MaxLength), "...") : text;
        return string.Concat(cut.Select(c => IsSafe(c) ? c : '?'));
    }

    /// <summary>
    /// A line that another party made, or that quotes such text. Line ends become blanks, so that no part of the text looks like a line of
    /// this program. Every other unsafe character becomes a question mark.
    /// </summary>
    public static string Line(string text)
    {
        string cut = text.Length > MaxLineLength ? string.Concat(text.AsSpan(0, MaxLineLength), "...") : text;
        return string.Concat(cut.ReplaceLineEndings(" ").Select(c => c == '\t' || IsSafe(c) ? c : '?'));
    }

    /// <summary>
    /// Several lines, as programs print them on standard error. Every line but the first is marked as the continuation of the line before.
    /// </summary>
    public static string Lines(string text)
    {
        string[] lines = text.Split('\n', MaxLines + 1);
        return string.Join("\n\t| ", lines.Take(MaxLines).Select(l => Line(l.TrimEnd('\r'))).Append("...").Take(lines.Length));
    }

    /// <summary>False for characters that move a cursor, break a line or change the direction of writing.</summary>
    public static bool IsSafe(char c) => char.GetUnicodeCategory(c) is not (
        System.Globalization.UnicodeCategory.Control
        or System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator
        or System.Globalization.UnicodeCategory.Surrogate);
}
