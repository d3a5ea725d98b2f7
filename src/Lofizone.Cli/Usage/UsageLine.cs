namespace Lofizone.Cli.Usage;

/// <summary>The syntax of a command in one line: <c>zone attach NAME|URI [-n] [--zonepath PATH]</c>.</summary>
public static class UsageLine
{
    /// <param name="path">The program's name and, for a verb, the verb's name.</param>
    /// <param name="command">The last command of the path.</param>
    public static string Of(IEnumerable<string> path, CommandDescription command)
    {
        IEnumerable<string> parts = [
            .. command.Options.Where(o => o.Required).Select(Written),
            .. command.Commands.Count > 0 && command.Commands.All(c => c.Syntax is null) ? (string[])["COMMAND"] : [],
            .. command.Arguments.Where(a => !IsPassedOn(a)).Select(Written),
            .. command.Options.Where(o => !o.Required).Select(o => $"[{Written(o)}]{(o.Repeats ? "..." : "")}"),
            .. command.Arguments.Where(IsPassedOn).Select(Written)];
        return string.Join(' ', [.. path, .. parts]);
    }

    /// <summary>True for the words that another program gets. They stand last.</summary>
    private static bool IsPassedOn(ArgumentDescription argument) => argument is { Least: 0, Most: ArgumentDescription.Unlimited };

    private static string Written(OptionDescription option) => option.ValueName is { } value
        ? $"{option.Names[0]} {value}"
        : option.Names[0];

    private static string Written(ArgumentDescription argument)
    {
        string name = argument.Name + (argument.Most > 1 ? "..." : "");
        return argument.Least == 0 ? $"[{name}]" : name;
    }
}
