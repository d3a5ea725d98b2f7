using System.CommandLine;
using System.CommandLine.Parsing;

namespace Lofizone.Cli.Usage;

/// <summary>Names the fault of a command line in one line, and the usage in another.</summary>
internal static class WrongUsage
{
    /// <summary>
    /// Refuses a wrong combination of options and arguments. Called first in a command's action: the parser has accepted every single value
    /// by then, and no work has been done.
    /// </summary>
    public static void Refuse(bool wrong, string message)
    {
        if (wrong)
            throw new LofizoneException(message) { Kind = FailureKind.WrongUsage };
    }

    /// <summary>The fault; null when there is none. An unknown word says more than a missing one, so it is reported first.</summary>
    public static string? Of(ParseResult parsed)
    {
        // The parser takes an unknown option for an argument. Behind a command's first word, and behind --, a word with a dash belongs to
        // the command.
        Token[] words = [.. parsed.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash)];
        SymbolResult[] values = [.. Up(parsed.CommandResult).SelectMany(c => c.Children).Where(r => r is ArgumentResult or OptionResult)];
        foreach (SymbolResult value in values)
        {
            Token[] given = [.. value.Tokens.Where(t => words.Contains(t, ReferenceEqualityComparer.Instance))];
            IEnumerable<Token> first = value is ArgumentResult ? given.Take(1) : given;
            if (first.FirstOrDefault(t => t.Value is ['-', _, ..]) is { } option)
                return $"{option.Value}: no such option";
            if (given.Any(t => t.Value.Length == 0))
                return $"{NameOf(value)}: is empty";
        }

        if (parsed.Errors.Count == 0)
            return null;
        if (parsed.UnmatchedTokens.Count > 0 && parsed.CommandResult.Command.Subcommands.Count > 0)
            return $"{parsed.UnmatchedTokens[0]}: no such command";
        return Sentence(parsed, parsed.Errors[0]);
    }

    /// <summary>The usage line of the intended command, as far as it was recognized.</summary>
    public static string Usage(string program, CommandDescription command, ParseResult parsed)
    {
        string[] verbs = [.. Up(parsed.CommandResult).Reverse().Skip(1).Select(c => c.Command.Name)];
        List<string> path = [program];
        foreach (string verb in verbs)
        {
            // A command that is refused always is in no description.
            if (command.Commands.FirstOrDefault(c => c.Name == verb) is not { } next)
                break;
            command = next;
            path.Add(verb);
        }

        return $"usage: {UsageLine.Of(path, command)}; '{string.Join(' ', path)} --help' tells more";
    }

    private static string Sentence(ParseResult parsed, ParseError error)
    {
        switch (error.SymbolResult)
        {
            case OptionResult option when option.Tokens.Count < option.Option.Arity.MinimumNumberOfValues:
                return $"{NameOf(option)}: {option.Option.HelpName ?? "its value"} is missing";
            case OptionResult option when option.Tokens.Count > option.Option.Arity.MaximumNumberOfValues:
                return $"{NameOf(option)}: is there {option.Tokens.Count} times, and can be there once";
            case ArgumentResult { Tokens.Count: 0 } argument:
                return $"{argument.Argument.Name} is missing";
            default:
                if (parsed.UnmatchedTokens.Count > 0)
                    return $"{parsed.UnmatchedTokens[0]}: is one word too many";
                return error.Message.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal);
        }
    }

    private static string NameOf(SymbolResult value) => value switch
    {
        OptionResult option => option.IdentifierToken?.Value ?? option.Option.Name,
        ArgumentResult argument => argument.Argument.Name,
        _ => "",
    };

    private static IEnumerable<CommandResult> Up(CommandResult command)
    {
        for (CommandResult? at = command; at is not null; at = at.Parent as CommandResult)
            yield return at;
    }
}
