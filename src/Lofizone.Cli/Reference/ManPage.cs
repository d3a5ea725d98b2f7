using System.CommandLine;
using System.Reflection;
using System.Text;
using Lofizone.Cli.CommandLines;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Cli.Reference;

/// <summary>
/// A manual page (man(7)) made of a written template and of the parser's tables. These lines of the template stand for tables:
/// <c>@SYNOPSIS@ @COMMANDS@ @OPTIONS@ @ZONECFG@</c>.
/// </summary>
internal static class ManPage
{
    private const string VersionMark = "@VERSION@";

    /// <summary>The page of a name.</summary>
    /// <param name="name">A name of the binary, or another name for a page without tables.</param>
    /// <param name="template">The page in roff, with lines that stand for tables.</param>
    public static string Fill(string name, string template)
    {
        RootCommand? root = Personality.Names.Contains(name) ? Personality.Describe(name) : null;
        StringBuilder page = new();
        foreach (string line in template.TrimEnd('\n').Split('\n'))
        {
            page.Append(line switch
            {
                "@SYNOPSIS@" => Synopsis(name, Table(name, root)),
                "@COMMANDS@" => Commands(name, Table(name, root)),
                "@OPTIONS@" => Options([Table(name, root)]),
                "@ZONECFG@" => Zonecfg(),
                _ => line.Replace(VersionMark, Version, StringComparison.Ordinal) + "\n",
            });
        }

        return page.ToString();
    }

    private static string Version =>
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static RootCommand Table(string name, RootCommand? root) => root
        ?? throw new LofizoneException($"{name}: no name of this program, so that it has no tables");

    private static string Synopsis(string name, RootCommand root)
    {
        if (root.Subcommands.Count == 0)
            return Usage(name, [root]);
        // Options that every command has stand between the name and the command, as in Solaris's pages.
        string common = string.Concat(
            root.Options.Where(o => o.Recursive && !o.Hidden && o.Name is not ("--help" or "--version"))
                .Select(o => $" [{OptionText(o)}]"));
        return $".B {name}{common}\n.I COMMAND\n.RI [ ARGUMENTS ]\n.br\n.B {name}\n.RI [ COMMAND ]\n.B \\-\\-help\n";
    }

    private static string Commands(string name, RootCommand root)
    {
        StringBuilder text = new();
        foreach (Command command in root.Subcommands.Where(c => !c.Hidden))
        {
            text.Append(".TP\n").Append(Usage(command.Name, [command])).Append(Roff.Sentence(command.Description)).Append('\n');
            string arguments = Arguments(command) + Options([command]);
            if (arguments.Length > 0)
                text.Append(".RS\n").Append(arguments).Append(".RE\n");
        }

        return text.Length > 0 ? text.ToString() : throw new LofizoneException($"{name}: has no commands", "use @OPTIONS@ in its template");
    }

    /// <summary>One usage line: a command's name, its options in brackets, its arguments.</summary>
    private static string Usage(string name, IReadOnlyList<Command> path)
    {
        StringBuilder line = new($"\\fB{Roff.Text(name)}\\fR");
        foreach (Option option in Metavar.Options(path))
            line.Append(option.Required ? $" {OptionText(option)}" : $" [{OptionText(option)}]");
        foreach (Argument argument in path[^1].Arguments)
        {
            string word = $"\\fI{Roff.Text(Metavar.Of(argument))}\\fR" + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");
            line.Append(argument.Arity.MinimumNumberOfValues > 0 ? $" {word}" : $" [{word}]");
        }

        return line.Append('\n').ToString();
    }

    private static string OptionText(Option option) =>
        $"\\fB{Roff.Text(Metavar.Names(option)[0])}\\fR" + (Metavar.Of(option) is { } value ? $" \\fI{Roff.Text(value)}\\fR" : "");

    private static string Options(IReadOnlyList<Command> path)
    {
        StringBuilder text = new();
        if (path[0] is RootCommand && path.Count == 1)
            text.Append(Arguments(path[0]));
        foreach (Option option in Metavar.Options(path))
        {
            string value = Metavar.Of(option) is { } metavar ? $" \\fI{Roff.Text(metavar)}\\fR" : "";
            text.Append(
                $".TP\n{string.Join(", ", Metavar.Names(option).Select(n => $"\\fB{Roff.Text(n)}\\fR"))}{value}\n"
                + $"{Roff.Sentence(option.Description)}\n");
        }

        return text.ToString();
    }

    private static string Arguments(Command command) => string.Concat(command.Arguments
        .Where(a => !string.IsNullOrEmpty(a.Description))
        .Select(a => $".TP\n\\fI{Roff.Text(Metavar.Of(a))}\\fR\n{Roff.Sentence(a.Description)}\n"));

    private static string Zonecfg()
    {
        StringBuilder text = new(".SS Commands\n");
        foreach ((_, string usage, string meaning) in ZonecfgReference.Commands)
            text.Append($".TP\n\\fB{Roff.Text(usage)}\\fR\n{Roff.Text(meaning)}\n");
        text.Append(".SS Properties of the zone\n");
        foreach ((string property, string syntax, string meaning) in ZonecfgReference.Properties)
            text.Append(Property(property, syntax, meaning));
        foreach ((string resource, string meaning, IReadOnlyList<(string, string, string)> properties) in ZonecfgReference.Resources)
        {
            text.Append($".SS Resource {Roff.Text(resource)}\n{Roff.Text(meaning)}\n");
            foreach ((string property, string syntax, string about) in properties)
                text.Append(Property(property, syntax, about));
        }

        return text.ToString();
    }

    private static string Property(string name, string syntax, string meaning) =>
        $".TP\n\\fB{Roff.Text(name)}\\fR=\\fI{Roff.Text(syntax)}\\fR\n{Roff.Text(meaning)}\n";
}
