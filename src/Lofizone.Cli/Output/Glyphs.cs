namespace Lofizone.Cli.Output;

/// <summary>Signs that not every terminal can show, chosen by the character set in the user's locale (locale(7)).</summary>
/// <param name="Branch">Sign before a branch of a tree.</param>
/// <param name="Ellipsis">Sign for work that goes on, and for text that was cut.</param>
internal sealed record Glyphs(string Branch, string Ellipsis)
{
    private static readonly Glyphs _unicode = new("└─ ", "…");
    private static readonly Glyphs _ascii = new("`- ", "...");

    /// <summary>The signs for standard output. A file or program always gets the same signs.</summary>
    public static Glyphs OfOutput => Console.IsOutputRedirected ? _unicode : OfLocale(Environment.GetEnvironmentVariable);

    /// <summary>The signs for a terminal.</summary>
    public static Glyphs OfTerminal => OfLocale(Environment.GetEnvironmentVariable);

    internal static Glyphs OfLocale(Func<string, string?> variable)
    {
        string locale = ((string[])["LC_ALL", "LC_CTYPE", "LANG"]).Select(variable).FirstOrDefault(v => !string.IsNullOrEmpty(v)) ?? "";
        return locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("utf8", StringComparison.OrdinalIgnoreCase)
            ? _unicode
            : _ascii;
    }

    /// <summary>A live line of work, cut to one line of the terminal, because only one line can be replaced.</summary>
    /// <param name="text">The present work.</param>
    /// <param name="amount">The progress.</param>
    /// <param name="columns">Width of the terminal.</param>
    public string Live(string text, string amount, int columns)
    {
        string rest = $"{amount} {Ellipsis}";
        int room = columns - 1 - rest.Length;
        return (text.Length <= room ? text : text[..Math.Max(0, room)]) + rest;
    }
}
