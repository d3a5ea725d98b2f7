using System.Collections.Immutable;

namespace Lofizone.Config.Zonecfg;

/// <summary>The properties that must not change while a zone is installed: the place and the content of its root.</summary>
internal static class InstalledZone
{
    /// <summary>Refuses a change that the zone's state forbids.</summary>
    public static void Check(ZonecfgLimits limits, ZoneConfig? saved, ZoneConfig next)
    {
        if (!limits.Installed || saved is null || FirstFixedChange(saved, next) is not { } property)
            return;
        throw new LofizoneException(
            $"{property}: cannot be changed while the zone is installed",
            $"'revert' takes the change back; to change it, run 'zoneadm -z {saved.Name} uninstall' first and install the zone again");
    }

    private static string? FirstFixedChange(ZoneConfig saved, ZoneConfig next) =>
        GlobalProperties.All.Where(p => p.Change == ChangeTime.NextInstall && p.Get(saved) != p.Get(next)).Select(p => p.Name)
            .Concat(ResourceTypes.All.SelectMany(type => FixedChanges(type, type.Get(saved), type.Get(next))))
            .FirstOrDefault();

    private static IEnumerable<string> FixedChanges(
        ResourceType type,
        ImmutableList<ImmutableDictionary<string, string>> saved,
        ImmutableList<ImmutableDictionary<string, string>> next)
    {
        List<Property> rigid = [.. type.Properties.Where(p => p.Change == ChangeTime.NextInstall)];
        if (rigid.Count == 0)
            return [];
        return saved.Count != next.Count
            ? [type.Name]
            : rigid.Where(p => saved.Zip(next).Any(pair => pair.First.GetValueOrDefault(p.Name) != pair.Second.GetValueOrDefault(p.Name)))
                .Select(p => $"{type.Name}: {p.Name}");
    }
}
