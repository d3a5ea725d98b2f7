namespace Lofizone.Config;

/// <summary>
/// Makes foreign text fit for a message: a share may be writable by others, and what they wrote must not reach a terminal
/// as control characters, nor fill it.
/// </summary>
public static class Shown
{
    private const int MaxLength = 80;

    /// <summary>At most 80 characters of the text, with a question mark for every character that is not safe.</summary>
    public static string Text(string text)
    {
        string cut = text.Length > MaxLength ? string.Concat(text.AsSpan(0, MaxLength), "...") : text;
        return string.Concat(cut.Select(c => IsSafe(c) ? c : '?'));
    }

    /// <summary>False for what moves a cursor, breaks a line or turns the direction of writing.</summary>
    public static bool IsSafe(char c) => char.GetUnicodeCategory(c) is not (
        System.Globalization.UnicodeCategory.Control
        or System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator
        or System.Globalization.UnicodeCategory.Surrogate);
}
