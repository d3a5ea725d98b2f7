using System.Text;

namespace Lofizone.Config.Zonecfg;

/// <summary>The help command. Its text is made of the tables of commands, resources and properties, and so is always complete.</summary>
internal static class HelpCommand
{
    public static ZonecfgCommand Help { get; } = new(
        "help [commands | properties | syntax | usage | <command> | <resource>]",
        "Prints help. Within a resource it describes that resource.",
        (editor, statement) => editor.Io.Out.Write(
            statement.Operands is [] && editor.Scope is { } scope
                ? Resource(scope.Type)
                : Text(statement.Operands is [var topic] ? topic : null)))
    {
        NeedsZone = false,
        MaxOperands = 1,
    };

    private const string Syntax = """
        <zone> := [A-Za-z0-9][A-Za-z0-9_.-]*
        	at most 63 characters; not 'global', and nothing that starts with 'SUNW'
        Several commands stand on one line with ';' between them. '#' begins a comment.
        A value with spaces or one of = ; # , ( ) [ ] stands in double quotes; inside them \" is a quote, \\ a backslash.

        """;

    /// <summary>Help on a topic; without a topic a short list of the commands.</summary>
    /// <exception cref="LofizoneException">The topic is unknown.</exception>
    internal static string Text(string? topic) => topic is null ? Overview() : Topic(topic);

    private static string Topic(string topic) => topic switch
    {
        "commands" => Commands(),
        "properties" or "resources" => Properties(),
        "syntax" => Syntax,
        "usage" => Usage,
        _ when CommandTable.Find(topic) is { } command => Command(command),
        _ when ResourceTypes.Known(topic) is { } type => Resource(type),
        _ when GlobalProperties.Known(topic) is { } property =>
            $"{property.Name}={property.Kind.Syntax}\n\t{property.Meaning}\n",
        _ => throw new LofizoneException(
            $"help: nothing is known about '{SafeText.Text(topic)}'", "'help' lists the topics")
        { Kind = FailureKind.WrongUsage },
    };

    private const string Usage = """
        usage:	zonecfg help [<topic>]
        	zonecfg -z <zone>			(interactive)
        	zonecfg -z <zone> <command> [; <command> ...]
        	zonecfg -z <zone> -f <command-file>	('-' reads standard input)
        	zonecfg -u <uuid> ...			(the zone by its UUID)
        	zonecfg -z <zone> -r ...		(the live configuration of a running zone)

        """;

    private static string Overview()
    {
        StringBuilder text = new("Commands:\n");
        foreach (ZonecfgCommand command in CommandTable.All)
            text.Append('\t').Append(command.Usage).Append('\n');
        text.Append("\nMore help: 'help <command>', 'help <resource>', 'help commands', 'help properties', 'help syntax', 'help usage'.\n");
        return text.ToString();
    }

    private static string Commands() => string.Join('\n', CommandTable.All.Select(Command));

    private static string Command(ZonecfgCommand command)
    {
        string where = command.Scope switch
        {
            CommandScope.Global => "\t(in the global scope)\n",
            CommandScope.Resource => "\t(while a resource is being specified)\n",
            _ => "",
        };
        return $"{command.Usage}\n{Indent(command.Meaning)}{where}";
    }

    private static string Properties()
    {
        StringBuilder text = new("Properties of the zone:\n");
        foreach (GlobalProperty property in GlobalProperties.All)
            text.Append($"\t{property.Name}={property.Kind.Syntax}\n\t\t{property.Meaning}\n");
        foreach (ResourceType type in ResourceTypes.All)
            text.Append('\n').Append(Resource(type));
        return text.ToString();
    }

    private static string Resource(ResourceType type)
    {
        StringBuilder text = new($"{type.Name}:\n{Indent(type.Meaning)}");
        if (type.Refusal is not null)
            return text.ToString();
        foreach (Property property in type.Properties)
        {
            string note = property.Required ? " (required)" : property.Default is { } standard ? $" ({standard} unless set)" : "";
            text.Append($"\tset {property.Name}={property.Kind.Syntax}{note}\n\t\t{property.Meaning}\n");
        }

        return text.Append("\t'end' takes the resource into the zone, 'cancel' drops it.\n").ToString();
    }

    private static string Indent(string text) => string.Concat(text.Split('\n').Select(line => $"\t{line}\n"));
}
