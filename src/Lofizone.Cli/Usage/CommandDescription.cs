using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;

namespace Lofizone.Cli.Usage;

/// <summary>
/// One command line of this program as data, from which usage lines, man pages, completions and generated tests are made.
/// <see cref="CommandLines.Personality.Descriptions"/> has all programs.
/// </summary>
/// <param name="Name">Name of a program or of a verb.</param>
/// <param name="Summary">Effect of the command, one line.</param>
/// <param name="Options">
/// The command's own options and those of its program. --help and --debug are left out, because all commands have them.
/// </param>
/// <param name="Arguments">The arguments behind the name, in order.</param>
/// <param name="Commands">The program's verbs. For zonecfg, the commands of its sessions, which have a <see cref="Syntax"/>.</param>
public sealed record CommandDescription(
    string Name,
    string Summary,
    IReadOnlyList<OptionDescription> Options,
    IReadOnlyList<ArgumentDescription> Arguments,
    IReadOnlyList<CommandDescription> Commands)
{
    /// <summary>The syntax of a command of a zonecfg session; null for a command line, whose parts give the syntax.</summary>
    public string? Syntax { get; init; }

    internal static CommandDescription Of(Command command, IReadOnlyList<Option>? inherited = null)
    {
        Option[] own = [.. command.Options.Where(o => !o.Hidden && o is not (HelpOption or VersionOption)), .. inherited ?? []];
        Option[] handedOn = [.. own.Where(o => o.Recursive)];
        return new CommandDescription(
            command.Name,
            command.Description ?? "",
            [.. own.Select(OptionDescription.Of)],
            [.. command.Arguments.Where(a => !a.Hidden).Select(ArgumentDescription.Of)],
            [.. command.Subcommands.Where(c => !c.Hidden).Select(c => Of(c, handedOn))]);
    }
}

/// <summary>An option.</summary>
/// <param name="Names">The option's spellings, with dashes. Usage lines show the first.</param>
/// <param name="ValueName">Metavariable of the value, for example SIZE; null for an option without a value.</param>
/// <param name="Summary">Effect of the option, one line.</param>
/// <param name="Default">Default of the value; null when there is none.</param>
/// <param name="Choices">The only possible values; empty when there is no such list.</param>
/// <param name="Repeats">True when the option may be given several times.</param>
/// <param name="Required">True when the command needs the option.</param>
public sealed record OptionDescription(
    IReadOnlyList<string> Names, string? ValueName, string Summary, string? Default, IReadOnlyList<string> Choices, bool Repeats,
    bool Required)
{
    internal static OptionDescription Of(Option option)
    {
        bool hasValue = option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);
        string[] names = [option.Name, .. option.Aliases.Except([option.Name])];
        return new OptionDescription(
            names,
            hasValue ? option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant() : null,
            option.Description ?? "",
            hasValue && option.HasDefaultValue ? option.GetDefaultValue()?.ToString() : null,
            hasValue ? ChoicesOf(option) : [],
            option.Arity.MaximumNumberOfValues > 1,
            option.Required);
    }

    private static string[] ChoicesOf(Option option) => [.. option.GetCompletions(CompletionContext.Empty).Select(c => c.Label)];
}

/// <summary>An argument.</summary>
/// <param name="Name">Metavariable in usage lines, for example NAME or NAME|URI.</param>
/// <param name="Summary">Meaning of the argument, one line.</param>
/// <param name="Least">Least number of values: 0 or 1.</param>
/// <param name="Most">Largest number of values; <see cref="Unlimited"/> for any number.</param>
public sealed record ArgumentDescription(string Name, string Summary, int Least, int Most)
{
    /// <summary>Any number.</summary>
    public const int Unlimited = int.MaxValue;

    internal static ArgumentDescription Of(Argument argument) => new(
        argument.Name,
        argument.Description ?? "",
        argument.Arity.MinimumNumberOfValues,
        argument.Arity.MaximumNumberOfValues > 1 ? Unlimited : argument.Arity.MaximumNumberOfValues);
}
