using System.CommandLine;

namespace Lofizone.Cli.Usage;

/// <summary>
/// Words that the parser must not interpret: those of a command that runs in a zone, or of zonecfg's own commands, with their options.
/// </summary>
internal static class PassedOn
{
    /// <summary>Inserts <c>--</c> where these words begin: behind the command's options and the given number of operands.</summary>
    public static string[] Separate(Command command, string[] arguments, int operands)
    {
        string[] withValue =
        [
            .. command.Options.Where(o => o.ValueType != typeof(bool) && o.Arity.MaximumNumberOfValues > 0)
            .SelectMany(o => o.Aliases.Append(o.Name)),
        ];
        int at = 0;
        while (at < arguments.Length && arguments[at] != "--")
        {
            if (arguments[at] is ['-', _, ..])
                at += WantsNext(arguments[at], withValue) ? 2 : 1;
            else if (operands-- > 0)
                at++;
            else
                return [.. arguments[..at], "--", .. arguments[at..]];
        }

        return arguments;
    }

    /// <summary>
    /// True when the value of this option, or of the last option in this bundle (<c>-Qe ^</c>), is the next word. A letter with a value
    /// ends a bundle.
    /// </summary>
    private static bool WantsNext(string word, string[] withValue) => withValue.Contains(word)
        || (word is ['-', not '-', _, ..] && withValue.Contains($"-{word[^1]}")
            && !word[1..^1].Any(letter => withValue.Contains($"-{letter}")));
}
