namespace Lofizone.Moving;

/// <summary>
/// Words for a remote command. ssh(1) joins its arguments with blanks, and the other host's login shell parses the line again. Each word is
/// quoted so that it arrives unchanged in sh and its relatives, and in csh.
/// </summary>
public static class ShellWord
{
    private const string Plain = "_-./:,+@";

    /// <summary>The word, quoted for a shell.</summary>
    /// <exception cref="LofizoneException">The word holds a control character, which no quoting carries through every shell.</exception>
    public static string Quote(string word)
    {
        if (word.Any(char.IsControl))
            throw new LofizoneException($"'{SafeText.Text(word)}' can't be passed to another host: it holds a control character");
        return word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <summary>The line of several words.</summary>
    public static string Join(params IEnumerable<string> words) => string.Join(' ', words.Select(Quote));
}
