namespace Lofizone.Config.Zonecfg;

/// <summary>All commands, in the order in which help lists them. A new command is one entry here.</summary>
internal static class CommandTable
{
    public static IReadOnlyList<ZonecfgCommand> All { get; } =
    [
        ResourceCommands.Add,
        ResourceCommands.Cancel,
        PropertyCommands.Clear,
        LifecycleCommands.Commit,
        LifecycleCommands.Create,
        LifecycleCommands.Delete,
        ResourceCommands.End,
        LifecycleCommands.Exit,
        ShowCommands.Export,
        HelpCommand.Help,
        ShowCommands.Info,
        ResourceCommands.Remove,
        LifecycleCommands.Revert,
        ResourceCommands.Select,
        PropertyCommands.Set,
        LifecycleCommands.Verify,
    ];

    public static ZonecfgCommand? Find(string name) => All.FirstOrDefault(c => c.Name == (name == "?" ? "help" : name));
}
