using Lofizone.Config;

namespace Lofizone.Zones;

/// <summary>Checks that refuse an operation on a zone before the operation changes anything.</summary>
internal sealed class ZoneChecks(ZoneHost host, string name)
{
    public void RequireSound(ZoneConfig config)
    {
        IReadOnlyList<string> problems = ZoneConfigVerifier.Verify(config, [.. host.Brands.Keys]);
        if (problems.Count > 0)
            throw new LofizoneException($"{name}: {string.Join("; ", problems)}", $"zonecfg -z {name}");
    }

    public void RequireImage(ZoneConfig config)
    {
        if (config.RootImage is null)
            throw new LofizoneException(
                $"{name}: its root is not in an image that was named to it, so its file system is moved by hand",
                $"zonecfg -z {name} export shows what to configure there");
    }

    /// <param name="status">The zone's status.</param>
    /// <param name="what">What an operation does to the zone, a participle: <c>deleted</c>.</param>
    public void RequireDown(ZoneStatus status, string what)
    {
        if (status.State.IsUp())
            throw new LofizoneException($"{name}: is {status.State.Text()} and can't be {what}", $"zone halt {name}");
    }

    /// <param name="record">The zone.</param>
    /// <param name="what">What an operation does to the zone, a participle: <c>deleted</c>.</param>
    [EffectOf("locked")]
    public void RefuseLocked(ZoneRecord record, string what)
    {
        if (GlobalProperties.Locked.Get(record.Config) == "true")
            throw new LofizoneException(
                $"{name}: can't be {what}, because its configuration has locked=true",
                $"take the protection away first: zonecfg -z {name} 'set locked=false'");
    }

    public void RefuseDetached(ZoneRecord record, string what)
    {
        if (record is { State: ZoneState.Configured, DetachedAt: not null })
        {
            if (record.Moving is { } moving)
                throw new LofizoneException(
                    $"{name}: can't be {what}: a move to {moving.To} was interrupted",
                    $"'zone move {name} {(moving.To.IsWord ? moving.To : "HOST")}' goes on with it, 'zone attach {name}' keeps it here");
            string why = record.Lost is { } lost ? lost.ToString() : "it was detached, or is another host's";
            throw new LofizoneException(
                $"{name}: can't be {what}: {why}",
                $"'zone list --share {record.Config.RootImage?.Storage}' shows where it is; zone attach {name}");
        }
    }

    /// <summary>
    /// Refuses when the zone has got another home, or none, since this host installed the zone. The zone is then noted as configured on
    /// this host.
    /// </summary>
    public async Task RequireHomeAsync(ZoneRecord record, CancellationToken cancellation)
    {
        if (await ElsewhereAsync(record, cancellation) is not { } elsewhere)
            return;
        host.Index.Save(record with { State = ZoneState.Configured, DetachedAt = host.Time.GetUtcNow() });
        throw record.Lost is null ? elsewhere : new LofizoneException($"{elsewhere.Message}; {record.Lost}", elsewhere.Advice);
    }

    /// <summary>The reason why an installed zone is not this host's any more; null while the zone is this host's.</summary>
    public async Task<LofizoneException?> ElsewhereAsync(ZoneRecord record, CancellationToken cancellation)
    {
        if (record.Config.RootImage is null)
            return null;
        ZoneHomes homes = new(host, record.Config);
        (ZoneHome? home, bool detached) = await homes.ReadAsync(cancellation);
        return home is null ? (detached ? homes.Detached() : null) : home.IsThisHost(host.Paths) ? null : homes.Elsewhere(home);
    }

    /// <summary>True for a zone that this host gave away by an interrupted move, and that no host has taken.</summary>
    public async Task<bool> IsGivenAsync(ZoneRecord record, CancellationToken cancellation)
    {
        if (record.Moving is null)
            return false;
        (ZoneHome? home, bool detached) = await new ZoneHomes(host, record.Config).ReadAsync(cancellation);
        return home is null && detached;
    }
}
