namespace Lofizone.Runtime;

/// <summary>Program and arguments of a login.</summary>
internal static class LoginWords
{
    private static readonly char[] _blanks = [' ', '\t', '\n'];

    /// <summary>
    /// Words as one line for a shell of the zone, as zlogin(1) makes the line. One word is the line itself. Of several words, those with
    /// blanks are quoted, and the shell interprets all others.
    /// </summary>
    public static string LineOf(IReadOnlyList<string> words) =>
        words.Count == 1 ? words[0] : string.Join(' ', words.Select(w => w.Length == 0 || w.IndexOfAny(_blanks) >= 0 ? Quoted(w) : w));

    /// <summary>The words of a login of <paramref name="user"/>.</summary>
    public static IReadOnlyList<string> Of(LoginRequest request, ZoneUser user)
    {
        if (request.Command.Count > 0)
            return request.Command;
        // su(1) gives a login shell to every user but root, and zlogin(1) runs su.
        bool login = request.Mode == LoginMode.Usual && (request.Line.Count == 0 || !user.IsRoot);
        List<string> words = [.. user.ShellWords];
        if (login)
            words.Add("-l");
        if (request.Line.Count > 0)
            words.AddRange("-c", LineOf(request.Line));
        return words;
    }

    private static string Quoted(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
