using System.CommandLine;

namespace Lofizone.Cli.Reference;

/// <summary>The metavariable of a value in usage lines (NAME, URI, NAME|DEVICE), which names the kind of the value.</summary>
internal static class Metavar
{
    /// <summary>The metavariable of an argument.</summary>
    public static string Of(Argument argument) => argument.HelpName ?? argument.Name;

    /// <summary>The metavariable of an option's value; null when the option takes no value.</summary>
    public static string? Of(Option option) => TakesValue(option) ? option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant() : null;

    public static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    /// <summary>An option's names, short names first.</summary>
    public static IReadOnlyList<string> Names(Option option) =>
    [
        .. option.Aliases.Prepend(option.Name).Distinct(StringComparer.Ordinal).OrderBy(n => n.Length),
    ];

    /// <summary>The visible options of a command: its own, and those of the commands above it.</summary>
    public static IEnumerable<Option> Options(IReadOnlyList<Command> path) =>
        path.SelectMany((command, i) => command.Options.Where(o => !o.Hidden && (i == path.Count - 1 || o.Recursive)))
            .Where(o => o.Name is not ("--help" or "--version"));
}
