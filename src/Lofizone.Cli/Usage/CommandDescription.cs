using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;

namespace Lofizone.Cli.Usage;

/// <summary>
/// One of our command lines as data: what the usage lines, man pages, completions and generated tests are made of.
/// <see cref="CommandLines.Personality.Descriptions"/> has all programs.
/// </summary>
/// <param name="Name">A program's or a verb's name.</param>
/// <param name="Summary">What it does, one line.</param>
/// <param name="Options">Its own options and those it takes over from its program, without --help and --debug, which all commands
/// have.</param>
/// <param name="Arguments">What stands behind the name, in this order.</param>
/// <param name="Commands">Its verbs; for zonecfg the commands of its sessions, which have a <see cref="Syntax"/> of their own.</param>
public sealed record CommandDescription(
    string Name,
    string Summary,
    IReadOnlyList<OptionDescription> Options,
    IReadOnlyList<ArgumentDescription> Arguments,
    IReadOnlyList<CommandDescription> Commands)
{
    /// <summary>How a command of a zonecfg session is written; null for a command line, whose parts say it.</summary>
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
/// <param name="Names">How it may be written, with its dashes; the first is the one that usage lines show.</param>
/// <param name="ValueName">What stands for its value, for example SIZE; null for an option without a value.</param>
/// <param name="Summary">What it does, one line.</param>
/// <param name="Default">The value that it has when it is not given, where there is one.</param>
/// <param name="Choices">The only values it may have; empty when there are no such.</param>
/// <param name="Repeats">True when it may be given several times.</param>
/// <param name="Required">True when the command does not work without it.</param>
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
/// <param name="Name">What stands for it in usage lines, for example NAME or NAME|URI.</param>
/// <param name="Summary">What it is, one line.</param>
/// <param name="Least">How many there must be: 0 or 1.</param>
/// <param name="Most">How many there may be; <see cref="Unlimited"/> for any number.</param>
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
