namespace Lofizone.Cli.Output;

/// <summary>
/// Signs for people that not every terminal can show: those of its character set, as its user's locale names it (locale(7)).
/// </summary>
/// <param name="Branch">Before a branch of a tree.</param>
/// <param name="Ellipsis">Of work that goes on, and of text that was cut.</param>
internal sealed record Glyphs(string Branch, string Ellipsis)
{
    private static readonly Glyphs _unicode = new("└─ ", "…");
    private static readonly Glyphs _ascii = new("`- ", "...");

    /// <summary>For standard output: what is no terminal (a file, a program) always gets the same.</summary>
    public static Glyphs OfOutput => Console.IsOutputRedirected ? _unicode : OfLocale(Environment.GetEnvironmentVariable);

    /// <summary>For a terminal.</summary>
    public static Glyphs OfTerminal => OfLocale(Environment.GetEnvironmentVariable);

    internal static Glyphs OfLocale(Func<string, string?> variable)
    {
        string locale = ((string[])["LC_ALL", "LC_CTYPE", "LANG"]).Select(variable).FirstOrDefault(v => !string.IsNullOrEmpty(v)) ?? "";
        return locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("utf8", StringComparison.OrdinalIgnoreCase)
            ? _unicode
            : _ascii;
    }

    /// <summary>A line of work that goes on, cut so that it takes one line of the terminal: more could not be taken away again.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="amount">How far it is.</param>
    /// <param name="columns">Of the terminal.</param>
    public string Live(string text, string amount, int columns)
    {
        string rest = $"{amount} {Ellipsis}";
        int room = columns - 1 - rest.Length;
        return (text.Length <= room ? text : text[..Math.Max(0, room)]) + rest;
    }
}
