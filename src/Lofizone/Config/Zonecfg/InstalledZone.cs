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

    private static string? FirstFixedChange(ZoneConfig saved, ZoneConfig next)
    {
        if (saved.ZonePath != next.ZonePath)
            return "zonepath";
        if (saved.Brand != next.Brand)
            return "brand";
        if (saved.RootImage == next.RootImage)
            return null;
        if (saved.RootImage is not { } old || next.RootImage is not { } image)
            return "rootimage";
        return old.Storage != image.Storage ? "rootimage: storage" : old.FsType != image.FsType ? "rootimage: fstype" : "rootimage: size";
    }
}
