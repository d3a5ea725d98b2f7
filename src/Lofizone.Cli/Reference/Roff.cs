namespace Lofizone.Cli.Reference;

/// <summary>Encodes plain text so that roff prints it unchanged.</summary>
internal static class Roff
{
    /// <summary>The text with all commands, escapes and typographic hyphens of roff disabled.</summary>
    public static string Text(string? text) => string.Join('\n', (text ?? "").Split('\n').Select(Line));

    /// <summary>A help text as a separate sentence.</summary>
    public static string Sentence(string? text) =>
        string.IsNullOrEmpty(text) ? "" : Text(char.ToUpperInvariant(text[0]) + text[1..] + (text[^1] is '.' or '?' ? "" : "."));

    private static string Line(string line)
    {
        string safe = line.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("~", "\\(ti", StringComparison.Ordinal).Replace("^", "\\(ha", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal)
            .Replace("`", "\\(ga", StringComparison.Ordinal).Replace("\t", "    ", StringComparison.Ordinal)
            // The fields of a line for programs form one long word, which roff may break behind a colon.
            .Replace(":", ":\\:", StringComparison.Ordinal).Replace(":\\: ", ": ", StringComparison.Ordinal);
        return safe.StartsWith('.') ? "\\&" + safe : safe;
    }
}
