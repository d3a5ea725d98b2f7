namespace Lofizone.Config.Zonecfg;

/// <summary>What zonecfg says about itself, for whoever has no session: command lines, man pages, tests.</summary>
public static class ZonecfgHelp
{
    /// <summary>The commands of a session, in the order in which help lists them.</summary>
    public static IReadOnlyList<ZonecfgCommandHelp> Commands { get; } =
    [
        .. CommandTable.All.Select(c => new ZonecfgCommandHelp(c.Name, c.Usage, c.Meaning, c.Flags, c.FlagsWithArgument)),
    ];

    /// <summary>
    /// Help on a topic: commands, properties, syntax, usage, or the name of a command, resource or property; null for the commands in
    /// short.
    /// </summary>
    /// <exception cref="LofizoneException">Nothing is known about the topic.</exception>
    public static string Text(string? topic) => HelpCommand.Text(topic);
}

/// <summary>One command of a session.</summary>
/// <param name="Name">Its first word.</param>
/// <param name="Syntax">How it is written.</param>
/// <param name="Meaning">What it does, sentences.</param>
/// <param name="Flags">Its flags without an argument, one character each.</param>
/// <param name="FlagsWithArgument">Those with one.</param>
public sealed record ZonecfgCommandHelp(string Name, string Syntax, string Meaning, string Flags, string FlagsWithArgument);
