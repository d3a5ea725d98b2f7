namespace Lofizone.Config;

/// <summary>The rules of zonecfg(8) for a zone's name. A name that passes is safe as a file name, a host name and an argument.</summary>
public static class ZoneName
{
    /// <summary>
    /// Longest name, in characters (ZONENAME_MAX of Solaris without the end mark; also the longest label of a host name).
    /// </summary>
    public const int MaxLength = 63;

    /// <summary>Name of the global zone, which is the host itself.</summary>
    public const string Global = "global";

    private const string ReservedPrefix = "SUNW";

    /// <summary>Checks a zone's name.</summary>
    /// <exception cref="LofizoneException">The text is not a zone's name; the message gives the reason.</exception>
    public static void Check(string name)
    {
        if (Problem(name) is { } problem)
            throw new LofizoneException(
                $"{SafeText.Text(name)}: not a zone name: {problem}",
                "a zone name starts with a letter or digit, goes on with letters, digits, '_', '-' and '.', and has at most 63 characters");
    }

    /// <summary>The fault of a name; null for a good name.</summary>
    public static string? Problem(string name)
    {
        if (name.Length == 0)
            return "it is empty";
        if (name is "." or "..")
            return "it stands for a directory";
        if (name.Length > MaxLength)
            return $"it has {name.Length} characters, at most {MaxLength} are allowed";
        if (!char.IsAsciiLetterOrDigit(name[0]))
            return "it does not start with a letter or digit";
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))
                return $"'{SafeText.Text(c.ToString())}' is not allowed in it";
        }

        if (name == Global)
            return "'global' is the host itself";
        return name.StartsWith(ReservedPrefix, StringComparison.Ordinal) ? $"names that start with {ReservedPrefix} are reserved" : null;
    }
}
