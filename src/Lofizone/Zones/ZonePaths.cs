using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Shares;

namespace Lofizone.Zones;

/// <summary>Paths of a zone's files, on its share and on this host.</summary>
public static class ZonePaths
{
    public const string ImageName = "root.img";

    /// <summary>Path of one of the zone's files relative to its share.</summary>
    [EffectOf("zonename")]
    public static string OnShare(string zone, string file) => $"{zone}/{file}";

    /// <summary>The share that holds the image.</summary>
    [EffectOf("rootimage: storage")]
    public static ShareUri Share(RootImage image) => ShareUri.Parse(image.Storage);

    /// <summary>URI of the image.</summary>
    public static ShareUri Image(string zone, RootImage image) => Share(image).Below(OnShare(zone, ImageName));

    /// <summary>The zone's root directory in the mounted file system.</summary>
    public static string Root(ZoneConfig config) => Path.Combine(ZonePath(config), "root");

    [EffectOf("zonepath")]
    public static string ZonePath(ZoneConfig config) =>
        config.ZonePath
            ?? throw new LofizoneException(
                $"{config.Name}: has no zonepath", $"zonecfg -z {config.Name} 'set zonepath=/zones/{config.Name}'");

    public static string InstallLog(HostPaths paths, string zone) => Path.Combine(paths.Log, zone, "install.log");

    public static string AttachLog(HostPaths paths, string zone) => Path.Combine(paths.Log, zone, "attach.log");

    public static string ConsoleLog(HostPaths paths, string zone) => Path.Combine(paths.Log, zone, "console.log");
}
