namespace Lofizone.Config.Zonecfg;

/// <summary>The scope in which a command makes sense.</summary>
internal enum CommandScope
{
    Any,
    Global,
    Resource,
}

/// <summary>One command of zonecfg: its syntax, its help and its action.</summary>
/// <param name="Usage">The syntax; its first word is the command's name.</param>
/// <param name="Meaning">The help.</param>
/// <param name="Run">The action.</param>
internal sealed record ZonecfgCommand(string Usage, string Meaning, Func<ZonecfgEditor, Statement, CancellationToken, Task> Run)
{
    /// <summary>A command that waits for nothing.</summary>
    public ZonecfgCommand(string usage, string meaning, Action<ZonecfgEditor, Statement> run)
        : this(usage, meaning, Now(run))
    {
    }

    public string Name => Usage.Split(' ')[0];

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

    private static Func<ZonecfgEditor, Statement, CancellationToken, Task> Now(Action<ZonecfgEditor, Statement> run) =>
        (editor, statement, _) =>
        {
            run(editor, statement);
            return Task.CompletedTask;
        };
}
