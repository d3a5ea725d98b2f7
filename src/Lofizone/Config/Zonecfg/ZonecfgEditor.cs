namespace Lofizone.Config.Zonecfg;

/// <summary>The continuation of a session after a command.</summary>
internal enum Leaving
{
    No,

    /// <summary>Leave as at the end of the input: commit the changes.</summary>
    WithCommit,

    /// <summary>Leave at once, and drop the changes.</summary>
    WithoutCommit,
}

/// <summary>
/// The configuration that a session works on, beside the committed one. Every change goes through <see cref="Change"/>. A command that
/// fails has changed nothing.
/// </summary>
internal sealed class ZonecfgEditor(IZoneConfigStore store, string zone, ZonecfgIo io, IReadOnlyCollection<string> brands)
{
    private ZonecfgLimits _limits = ZonecfgLimits.None;
    private string _zone = zone;

    public string Zone => _zone;

    public ZonecfgIo Io => io;

    public IReadOnlyCollection<string> Brands => brands;

    /// <summary>The zonepath of a new zone; null for none.</summary>
    public string? DefaultZonePath => store.DefaultZonePath(_zone);

    /// <summary>The edited configuration; null when there is none (not created, or deleted).</summary>
    public ZoneConfig? Current { get; private set; }

    /// <summary>The committed configuration; null when there is none.</summary>
    public ZoneConfig? Saved { get; private set; }

    /// <summary>The resource that is being specified; null in the global scope.</summary>
    public ResourceScope? Scope { get; set; }

    /// <summary>True once this session has written or deleted a configuration.</summary>
    public bool HasSaved { get; private set; }

    public Leaving Leaving { get; set; }

    public string Prompt => Scope is null ? $"zonecfg:{_zone}> " : $"zonecfg:{_zone}:{Scope.Type.Name}> ";

    public LofizoneException NoSuchZone => new($"{_zone}: No such zone configured", "Use 'create' to begin configuring a new zone.");

    /// <summary>The name that the zone gets by the next commit; null for its present name.</summary>
    public string? NewName { get; private set; }

    /// <summary>True when a commit would change the stored configuration.</summary>
    public bool IsChanged => Current is not null
        && (Saved is null || NewName is not null || !ZoneConfigJson.Write(Current).AsSpan().SequenceEqual(ZoneConfigJson.Write(Saved)));

    public async Task LoadAsync(CancellationToken cancellation)
    {
        ZoneName.Check(_zone);
        Saved = Current = await store.LoadAsync(_zone, cancellation);
        _limits = await store.LimitsAsync(_zone, cancellation);
    }

    /// <summary>The configuration of the zone where it was detached, for <c>create -a</c>.</summary>
    public Task<ZoneConfig> LoadDetachedAsync(string location, CancellationToken cancellation) =>
        store.LoadDetachedAsync(_zone, location, cancellation);

    /// <summary>The configuration of another zone, for <c>create -t</c>.</summary>
    public Task<ZoneConfig?> LoadOtherAsync(string name, CancellationToken cancellation)
    {
        ZoneName.Check(name);
        return store.LoadAsync(name, cancellation);
    }

    /// <summary>Replaces the working configuration.</summary>
    /// <exception cref="LofizoneException">The zone is installed, and the change affects a property that must not change.</exception>
    public void Change(ZoneConfig next)
    {
        InstalledZone.Check(_limits, Saved, next);
        Current = next;
    }

    /// <summary>Gives the zone another name: a new zone at once, and any other by the next commit.</summary>
    /// <exception cref="LofizoneException">The text is no zone's name.</exception>
    public void Rename(string name)
    {
        ZoneName.Check(name);
        if (Saved is null)
            (Current, _zone) = (Current! with { Name = name }, name);
        else
            NewName = name == _zone ? null : name;
    }

    /// <summary>Returns to the committed configuration.</summary>
    public void Revert() => (Current, NewName) = (Saved, null);

    /// <exception cref="LofizoneException">The configuration is not sound. The message has one line for each problem.</exception>
    public void Verify()
    {
        IReadOnlyList<string> problems = ZoneConfigVerifier.Verify(Current!, brands);
        if (problems.Count > 0)
            throw new LofizoneException(string.Join('\n', problems));
    }

    /// <summary>Writes the configuration, also an unchanged one. That repairs a copy on the share that differs from this host's.</summary>
    public async Task CommitAsync(CancellationToken cancellation)
    {
        Verify();
        // The limits are read again, because the zone may have been installed during a long session.
        _limits = await store.LimitsAsync(_zone, cancellation);
        InstalledZone.Check(_limits, Saved, Current!);
        await store.CommitAsync(Current!, Saved, cancellation);
        HasSaved = true;
        Saved = Current;
        if (NewName is { } name)
        {
            await store.RenameAsync(_zone, name, cancellation);
            (_zone, NewName) = (name, null);
            Saved = Current = await store.LoadAsync(name, cancellation);
        }
    }

    public async Task DeleteAsync(CancellationToken cancellation)
    {
        if (Saved is not null)
        {
            await RefuseDeleteOfInstalledAsync(cancellation);
            await store.DeleteAsync(_zone, cancellation);
            HasSaved = true;
        }

        Saved = Current = null;
    }

    public async Task RefuseDeleteOfInstalledAsync(CancellationToken cancellation)
    {
        _limits = await store.LimitsAsync(_zone, cancellation);
        if (_limits.Installed)
            throw new LofizoneException("delete: the zone is installed", $"run 'zoneadm -z {_zone} uninstall' first");
    }

    /// <summary>Asks a question that y or n answers. Any other answer means n.</summary>
    /// <returns>Null when the input ended.</returns>
    public async Task<bool?> AskAsync(string question, CancellationToken cancellation)
    {
        while (true)
        {
            string? answer = await io.ReadLineAsync($"{question} (y/[n])? ", cancellation);
            switch (answer?.Trim().ToLowerInvariant())
            {
                case null:
                    return null;
                case "y" or "yes":
                    return true;
                case "" or "n" or "no":
                    return false;
            }

            io.Out.WriteLine("Please answer y or n.");
        }
    }

    /// <summary>Tells whether a destructive command may go on: forced, or allowed by the user at the terminal.</summary>
    /// <exception cref="LofizoneException">There is no user to ask.</exception>
    public async Task<bool> ConfirmAsync(Statement statement, string question, CancellationToken cancellation)
    {
        if (statement.Force)
            return true;
        if (!io.IsInteractive)
            throw new LofizoneException(
                $"{statement.Command.Name}: input is not from a terminal and -F is not specified",
                $"'{statement.Command.Name} -F' goes on without asking");
        return await AskAsync(question, cancellation) ?? false;
    }
}
