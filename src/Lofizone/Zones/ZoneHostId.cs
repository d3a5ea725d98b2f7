using System.Globalization;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Zones;

/// <summary>Property <c>hostid</c>: the zone's /etc/hostid, which gethostid(3) reads.</summary>
internal static class ZoneHostId
{
    private const uint ForEveryone = 0x1A4; // 0644

    /// <summary>Writes the file of a zone that has the property.</summary>
    /// <param name="config">The zone.</param>
    /// <param name="root">The zone's root on the host's own mount. No process of the zone runs yet.</param>
    /// <exception cref="LofizoneException">The root has no directory /etc, or no space.</exception>
    [EffectOf("hostid")]
    public static void Write(ZoneConfig config, string root)
    {
        if (GlobalProperties.HostId.Get(config) is not { } text)
            return;
        byte[] content = BitConverter.GetBytes(uint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        try
        {
            using FileDescriptor top = Files.Open(root, OpenFlags.Directory | OpenFlags.NoFollow);
            using FileDescriptor etc = Files.OpenAt(
                top, "etc", OpenFlags.Directory, ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks);
            AtomicWrite.Write(etc, "hostid", content, ForEveryone);
        }
        catch (LinuxException error)
        {
            throw new LofizoneException(
                $"{config.Name}: hostid: its /etc/hostid can't be written: {error.Message}",
                    "mend /etc in the zone's root, or clear hostid", error);
        }
    }
}
