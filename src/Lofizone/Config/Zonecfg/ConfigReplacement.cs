namespace Lofizone.Config.Zonecfg;

/// <summary>Replaces a zone's configuration by another one, with the checks of zonecfg's commit.</summary>
public sealed class ConfigReplacement(IZoneConfigStore store, IReadOnlyCollection<string> brands)
{
    /// <exception cref="LofizoneException">The new configuration is not sound, or the zone's state forbids the change.</exception>
    public async Task RunAsync(ZoneConfig before, ZoneConfig after, CancellationToken cancellation)
    {
        IReadOnlyList<string> problems = ZoneConfigVerifier.Verify(after, brands);
        if (problems.Count > 0)
            throw new LofizoneException($"{before.Name}: {string.Join($"\n{before.Name}: ", problems)}", "nothing was changed");
        InstalledZone.Check(await store.LimitsAsync(before.Name, cancellation), before, after);
        await store.CommitAsync(after, before, cancellation);
    }
}
