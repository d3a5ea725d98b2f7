namespace Lofizone.Cli.Reference;

/// <summary>Plain text as roff prints it unchanged.</summary>
internal static class Roff
{
    /// <summary>Text in which nothing is a command, an escape or a typographic hyphen.</summary>
    public static string Text(string? text) => string.Join('\n', (text ?? "").Split('\n').Select(Line));

    /// <summary>A help text as a sentence of its own.</summary>
    public static string Sentence(string? text) =>
        string.IsNullOrEmpty(text) ? "" : Text(char.ToUpperInvariant(text[0]) + text[1..] + (text[^1] is '.' or '?' ? "" : "."));

    private static string Line(string line)
    {
        string safe = line.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("~", "\\(ti", StringComparison.Ordinal).Replace("^", "\\(ha", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal)
            .Replace("`", "\\(ga", StringComparison.Ordinal).Replace("\t", "    ", StringComparison.Ordinal)
            // Fields of a line for programs are one long word: it may be broken behind a colon.
            .Replace(":", ":\\:", StringComparison.Ordinal).Replace(":\\: ", ": ", StringComparison.Ordinal);
        return safe.StartsWith('.') ? "\\&" + safe : safe;
    }
}
