namespace Lofizone.Config.Zonecfg;

/// <summary>The scope in which a command makes sense.</summary>
internal enum CommandScope
{
    Any,
    Global,
    Resource,
}

/// <summary>One command of zonecfg: its syntax, its help and its action.</summary>
internal sealed record ZonecfgCommand(
    string Name, string Usage, string Meaning, Func<ZonecfgEditor, Statement, CancellationToken, Task> Run)
{
    public CommandScope Scope { get; init; } = CommandScope.Any;

    /// <summary>True when the command needs a configuration to work on.</summary>
    public bool NeedsZone { get; init; } = true;

    /// <summary>Flags without an argument.</summary>
    public string Flags { get; init; } = "";

    public string FlagsWithArgument { get; init; } = "";

    public int MinOperands { get; init; }

    public int MaxOperands { get; init; }

    public int MinProperties { get; init; }

    public int MaxProperties { get; init; }
}
