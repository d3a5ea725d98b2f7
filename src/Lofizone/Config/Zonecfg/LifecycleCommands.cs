namespace Lofizone.Config.Zonecfg;

/// <summary>Commands on the whole configuration: begin, check, write, drop, leave.</summary>
internal static class LifecycleCommands
{
    public static ZonecfgCommand Create { get; } = new(
        "create [-F] [-a <location> | -b | -t <zone>]",
        "Begins a new configuration, with the host's default zonepath. -b makes it blank; -t copies the configuration\nof another zone. "
        + "-a takes that of the detached zone at SHARE/NAME, and shows what it asks of this host; 'zoneadm attach'\nfollows. -F overwrites "
        + "an existing configuration.",
        CreateAsync)
    {
        Scope = CommandScope.Global,
        NeedsZone = false,
        Flags = "Fb",
        FlagsWithArgument = "at",
    };

    public static ZonecfgCommand Verify { get; } = new(
        "verify",
        "Checks the configuration: required properties are there, and all values fit together.",
        (editor, _) => editor.Verify())
    {
        Scope = CommandScope.Global,
    };

    public static ZonecfgCommand Commit { get; } = new(
        "commit",
        "Verifies the configuration and writes it. Only a committed configuration counts for zoneadm.\nThe end of a session commits too.",
        (editor, _, cancellation) => editor.CommitAsync(cancellation))
    {
        Scope = CommandScope.Global,
    };

    public static ZonecfgCommand Delete { get; } = new(
        "delete [-F]",
        "Deletes the zone's configuration, at once; the zone must not be installed. Asks first unless -F is given.",
        DeleteAsync)
    {
        Scope = CommandScope.Global,
        Flags = "F",
    };

    public static ZonecfgCommand Revert { get; } = new(
        "revert [-F]",
        "Drops all changes since the last commit. Asks first unless -F is given.",
        RevertAsync)
    {
        Scope = CommandScope.Global,
        Flags = "F",
    };

    public static ZonecfgCommand Exit { get; } = new(
        "exit [-F]",
        "Ends the session, committing what changed. With -F it leaves without committing. The end of the input\n(control-D) does the "
        + "same as exit.",
        (editor, statement) => editor.Leaving = statement.Force ? Leaving.WithoutCommit : Leaving.WithCommit)
    {
        NeedsZone = false,
        Flags = "F",
    };

    private static async Task CreateAsync(ZonecfgEditor editor, Statement statement, CancellationToken cancellation)
    {
        if (editor.Current is not null && !statement.Force)
            throw new LofizoneException("create: the zone is configured already", "'create -F' begins anew and overwrites it");
        // An overwritten configuration keeps the zone's identity. In all other cases a new zone begins.
        Guid uuid = editor.Saved?.Uuid ?? Guid.NewGuid();
        ZoneConfig next = new()
        {
            Name = editor.Zone,
            Uuid = uuid,
            ZonePath = statement.Flags.ContainsKey('b') ? null : editor.DefaultZonePath,
        };
        if (statement.Flags.Keys.Count(flag => flag is 'a' or 'b' or 't') > 1)
            throw Parser.Wrong(statement.Command, "-a, -b and -t exclude each other");
        if (statement.Flags.TryGetValue('a', out string? location))
        {
            next = await editor.LoadDetachedAsync(location, cancellation);
            foreach (ConfigChange asked in ConfigDifference.Between(new ZoneConfig { Name = editor.Zone, ZonePath = next.ZonePath }, next))
                editor.Io.Out.WriteLine(asked.Text);
        }
        else if (statement.Flags.TryGetValue('t', out string? template))
        {
            ZoneConfig source = await editor.LoadOtherAsync(template, cancellation)
                ?? throw new LofizoneException($"create: {template}: No such zone configured", "'zoneadm list -c' lists the zones");
            next = source with { Name = editor.Zone, Uuid = uuid };
        }

        editor.Change(next);
    }

    private static async Task DeleteAsync(ZonecfgEditor editor, Statement statement, CancellationToken cancellation)
    {
        await editor.RefuseDeleteOfInstalledAsync(cancellation);
        if (await editor.ConfirmAsync(statement, $"Are you sure you want to delete zone {editor.Zone}", cancellation))
            await editor.DeleteAsync(cancellation);
    }

    private static async Task RevertAsync(ZonecfgEditor editor, Statement statement, CancellationToken cancellation)
    {
        if (!editor.IsChanged || await editor.ConfirmAsync(statement, "Are you sure you want to revert", cancellation))
            editor.Revert();
    }
}
