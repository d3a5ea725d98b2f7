namespace Lofizone.Config.Zonecfg;

/// <summary>zonecfg's tables and help outside of a session: for its manual page, its command line and tests.</summary>
public static class ZonecfgReference
{
    /// <summary>The commands: name, syntax, effect.</summary>
    public static IReadOnlyList<(string Name, string Usage, string Meaning)> Commands { get; } =
        [.. CommandTable.All.Select(c => (c.Name, c.Usage, c.Meaning))];

    /// <summary>
    /// Help on a topic: commands, properties, syntax, usage, or the name of a command, resource or property. Null gives a short list of the
    /// commands.
    /// </summary>
    /// <exception cref="LofizoneException">The topic is unknown.</exception>
    public static string Help(string? topic) => HelpCommand.Text(topic);

    /// <summary>The properties of the zone itself.</summary>
    public static IReadOnlyList<(string Name, string Syntax, string Meaning)> Properties { get; } =
        [.. GlobalProperties.All.Select(p => (p.Name, p.Kind.Syntax, p.Meaning))];

    /// <summary>The resources of a zone, each with its properties.</summary>
    public static IReadOnlyList<(
        string Name, string Meaning, IReadOnlyList<(string Name, string Syntax, string Meaning)> Properties)> Resources
    { get; } =
        [
            .. ResourceTypes.All.Select(t => (
                t.Name, t.Meaning, (IReadOnlyList<(string, string, string)>)[.. t.Properties.Select(p =>
                    (p.Name, p.Kind.Syntax, p.Meaning))])),
        ];
}
