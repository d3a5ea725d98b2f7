using System.Collections.Immutable;

namespace Lofizone.Config.Zonecfg;

/// <summary>Commands that show the configuration.</summary>
internal static class ShowCommands
{
    public static ZonecfgCommand Info { get; } = new(
        "info [<resource> [<property>=<value> ...] | <property>]",
        "Shows the configuration as it is now: all of it, one property, the resources of one type, or those of them\nthat have the "
        + "given values. While a resource is being specified it shows that one.",
        (editor, statement) => editor.Io.Out.Write(InfoText(editor, statement)))
    {
        MaxOperands = 1,
        MaxProperties = 16,
    };

    public static ZonecfgCommand Export { get; } = new(
        "export [-f <file>]",
        "Prints the commands that make this configuration again, or writes them to a file; feed them to\n'zonecfg -z ZONE -f FILE'.",
        ExportAsync)
    {
        FlagsWithArgument = "f",
    };

    private static string InfoText(ZonecfgEditor editor, Statement statement)
    {
        ZoneConfig config = editor.Current!;
        if (statement.Operands is not [var name])
        {
            if (statement.Properties.Count > 0)
                throw Parser.Wrong(statement.Command, "the resource is missing");
            return editor.Scope is { } scope ? ConfigPrinter.Info(scope.Type, scope.Values) : ConfigPrinter.Info(config);
        }

        if (ResourceTypes.Known(name) is not { } type)
        {
            if (statement.Properties.Count > 0)
                throw Parser.Wrong(statement.Command, $"'{SafeText.Text(name)}' is no resource");
            return ConfigPrinter.Info(config, GlobalProperties.Find(name));
        }

        ImmutableList<ImmutableDictionary<string, string>> resources = type.Get(config);
        IReadOnlyList<int> matches = ResourceCommands.Matches(config, type, statement.Properties);
        return matches.Count == 0
            ? $"No such {type.Name} resource.\n"
            : string.Concat(matches.Select(i => ConfigPrinter.Info(type, resources[i])));
    }

    private static async Task ExportAsync(ZonecfgEditor editor, Statement statement, CancellationToken cancellation)
    {
        string text = ConfigPrinter.Export(editor.Current!);
        if (!statement.Flags.TryGetValue('f', out string? file))
        {
            editor.Io.Out.Write(text);
            return;
        }

        try
        {
            await editor.Io.WriteFileAsync(file, text, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new LofizoneException(
                $"export: {SafeText.Text(file)} could not be written: {e.Message}", "name a file in a directory that is there and writable",
                e);
        }
    }
}
