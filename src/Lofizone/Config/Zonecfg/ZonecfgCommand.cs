namespace Lofizone.Config.Zonecfg;

/// <summary>Where a command makes sense.</summary>
internal enum CommandScope
{
    Any,
    Global,
    Resource,
}

/// <summary>One command of zonecfg: how it is written, what it says about itself, and what it does.</summary>
internal sealed record ZonecfgCommand(
    string Name, string Usage, string Meaning, Func<ZonecfgEditor, Statement, CancellationToken, Task> Run)
{
    public CommandScope Scope { get; init; } = CommandScope.Any;

    /// <summary>True when the command works on a configuration, so that there must be one.</summary>
    public bool NeedsZone { get; init; } = true;

    /// <summary>Flags without an argument.</summary>
    public string Flags { get; init; } = "";

    public string FlagsWithArgument { get; init; } = "";

    public int MinOperands { get; init; }

    public int MaxOperands { get; init; }

    public int MinProperties { get; init; }

    public int MaxProperties { get; init; }
}
