namespace Lofizone.Config.Zonecfg;

/// <summary>zonecfg's help outside of a session: for command lines, man pages and tests.</summary>
public static class ZonecfgHelp
{
    /// <summary>The commands of a session, in the order in which help lists them.</summary>
    public static IReadOnlyList<ZonecfgCommandHelp> Commands { get; } =
    [
        .. CommandTable.All.Select(c => new ZonecfgCommandHelp(c.Name, c.Usage, c.Meaning, c.Flags, c.FlagsWithArgument)),
    ];

    /// <summary>
    /// Help on a topic: commands, properties, syntax, usage, or the name of a command, resource or property. Null gives a short list of the
    /// commands.
    /// </summary>
    /// <exception cref="LofizoneException">The topic is unknown.</exception>
    public static string Text(string? topic) => HelpCommand.Text(topic);
}

/// <summary>One command of a session.</summary>
/// <param name="Name">The command's first word.</param>
/// <param name="Syntax">The command's syntax.</param>
/// <param name="Meaning">The command's effect, in sentences.</param>
/// <param name="Flags">Flags without an argument, one character each.</param>
/// <param name="FlagsWithArgument">Flags with an argument, one character each.</param>
public sealed record ZonecfgCommandHelp(string Name, string Syntax, string Meaning, string Flags, string FlagsWithArgument);
