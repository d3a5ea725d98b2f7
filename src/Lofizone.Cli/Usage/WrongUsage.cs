using System.CommandLine;
using System.CommandLine.Parsing;

namespace Lofizone.Cli.Usage;

/// <summary>Says in one line what is wrong with a command line, and in another how it is written.</summary>
internal static class WrongUsage
{
    /// <summary>
    /// Lets a combination of options and arguments pass; called first in a command's action, so that the parser has found every single
    /// value sound and nothing has been done.
    /// </summary>
    public static void Refuse(bool wrong, string message)
    {
        if (wrong)
            throw new LofizoneException(message) { Kind = FailureKind.WrongUsage };
    }

    /// <summary>What is wrong, or null. A word that is not known says more than one that is missing.</summary>
    public static string? Of(ParseResult parsed)
    {
        // The parser takes an option it does not know for an argument. After a command's first word, and after --, a dash is the command's
        // own.
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

    /// <summary>The usage line of the command that was meant, as far as it was recognized.</summary>
    public static string Usage(string program, CommandDescription command, ParseResult parsed)
    {
        string[] verbs = [.. Up(parsed.CommandResult).Reverse().Skip(1).Select(c => c.Command.Name)];
        foreach (string verb in verbs)
            command = command.Commands.Single(c => c.Name == verb);
        string[] path = [program, .. verbs];
        return $"usage: {UsageLine.Of(path, command)}; '{string.Join(' ', path)} --help' tells more";
    }

    /// <summary>The zone that zoneadm's -z names, for a command that can't do without.</summary>
    public static string RequireZone(ParseResult parsed, Option<string?> zone)
    {
        string? name = parsed.GetValue(zone);
        string verb = parsed.CommandResult.Command.Name;
        Refuse(name is null, $"{verb}: name the zone: zoneadm -z ZONE {verb}");
        return name!;
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
