namespace Lofizone.Config.Zonecfg;

/// <summary>Parses one command's tokens into a statement: COMMAND [-FLAG [ARGUMENT]]... [OPERAND]... [PROPERTY=[VALUE]]...</summary>
internal static class Parser
{
    public static Statement Parse(IReadOnlyList<Token> tokens)
    {
        if (tokens[0].Kind != TokenKind.Word)
            throw new LofizoneException(
                $"syntax error: a command starts with its name, not with '{SafeText.Text(tokens[0].Text)}'",
                "'help' lists the commands")
            { Kind = FailureKind.WrongUsage };
        ZonecfgCommand command = CommandTable.Find(tokens[0].Text)
            ?? throw new LofizoneException(
                $"{SafeText.Text(tokens[0].Text)}: no such command", "'help' lists the commands")
            { Kind = FailureKind.WrongUsage };

        int at = 1;
        Dictionary<char, string> flags = ParseFlags(command, tokens, ref at);
        List<string> operands = [];
        while (at < tokens.Count && tokens[at].Kind is TokenKind.Word or TokenKind.List && !IsName(tokens, at))
            operands.Add(tokens[at++].Text);
        List<KeyValuePair<string, string>> properties = ParseProperties(command, tokens, ref at);

        if (at < tokens.Count)
            throw Wrong(command, $"'{SafeText.Text(tokens[at].Text)}' is out of place");
        if (operands.Count < command.MinOperands)
            throw Wrong(command, "an argument is missing");
        if (operands.Count > command.MaxOperands)
            throw Wrong(command, $"'{SafeText.Text(operands[command.MaxOperands])}' is too much");
        if (properties.Count > command.MaxProperties)
            throw Wrong(command, $"'{SafeText.Text(properties[command.MaxProperties].Key)}=' is too much");
        if (properties.Count < command.MinProperties)
            throw Wrong(command, "PROPERTY=VALUE is missing");
        return new Statement(command, flags, operands, properties);
    }

    /// <summary>The error for a wrongly used command.</summary>
    internal static LofizoneException Wrong(ZonecfgCommand command, string why) =>
        new($"{command.Name}: {why}", $"usage: {command.Usage}") { Kind = FailureKind.WrongUsage };

    private static Dictionary<char, string> ParseFlags(ZonecfgCommand command, IReadOnlyList<Token> tokens, ref int at)
    {
        Dictionary<char, string> flags = [];
        while (at < tokens.Count && tokens[at] is { Kind: TokenKind.Word, Quoted: false, Text: ['-', _, ..] text } && !IsName(tokens, at))
        {
            at++;
            for (int i = 1; i < text.Length; i++)
            {
                char flag = text[i];
                if (command.FlagsWithArgument.Contains(flag))
                {
                    string argument = text[(i + 1)..];
                    if (argument.Length == 0 && at < tokens.Count && tokens[at].Kind == TokenKind.Word)
                        argument = tokens[at++].Text;
                    flags[flag] = argument.Length > 0 ? argument : throw Wrong(command, $"-{flag} needs an argument");
                    break;
                }

                if (!command.Flags.Contains(flag))
                    throw Wrong(command, $"'-{SafeText.Text(flag.ToString())}' is none of its flags");
                flags[flag] = "";
            }
        }

        return flags;
    }

    private static List<KeyValuePair<string, string>> ParseProperties(ZonecfgCommand command, IReadOnlyList<Token> tokens, ref int at)
    {
        List<KeyValuePair<string, string>> properties = [];
        while (at < tokens.Count && IsName(tokens, at))
        {
            string name = tokens[at].Text;
            at += 2;
            string value = "";
            if (at < tokens.Count && tokens[at].Kind == TokenKind.List && !ResourceTypes.TakesLists(name))
                throw Wrong(
                    command,
                    $"{SafeText.Text(name)} takes one value, not a list (a value that starts with '{tokens[at].Text[0]}' stands in double "
                    + "quotes)");
            if (at < tokens.Count && tokens[at].Kind is TokenKind.Word or TokenKind.List && !IsName(tokens, at))
                value = tokens[at++].Text;
            properties.Add(new(name, value));
        }

        return properties;
    }

    // A word before an '=' is a property's name, so an empty value may stand before the next property.
    private static bool IsName(IReadOnlyList<Token> tokens, int at) =>
        tokens[at].Kind == TokenKind.Word && at + 1 < tokens.Count && tokens[at + 1].Kind == TokenKind.EqualsSign;
}
