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
                at += withValue.Contains(arguments[at]) ? 2 : 1;
            else if (operands-- > 0)
                at++;
            else
                return [.. arguments[..at], "--", .. arguments[at..]];
        }

        return arguments;
    }
}
