using System.CommandLine;

namespace Lofizone.Cli.Reference;

/// <summary>What stands for a value in usage lines (NAME, URI, NAME|DEVICE): it says what kind of value is meant.</summary>
internal static class Metavar
{
    /// <summary>The word that stands for an argument.</summary>
    public static string Of(Argument argument) => argument.HelpName ?? argument.Name;

    /// <summary>The word that stands for an option's value, or null when the option takes none.</summary>
    public static string? Of(Option option) => TakesValue(option) ? option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant() : null;

    public static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    /// <summary>An option's names, the short ones first.</summary>
    public static IReadOnlyList<string> Names(Option option) =>
    [
        .. option.Aliases.Prepend(option.Name).Distinct(StringComparer.Ordinal).OrderBy(n => n.Length),
    ];

    /// <summary>The options of a command that users are told of: its own, and those that it has from the commands above it.</summary>
    public static IEnumerable<Option> Options(IReadOnlyList<Command> path) =>
        path.SelectMany((command, i) => command.Options.Where(o => !o.Hidden && (i == path.Count - 1 || o.Recursive)))
            .Where(o => o.Name is not ("--help" or "--version"));
}
