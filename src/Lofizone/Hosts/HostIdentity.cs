using System.Security.Cryptography;
using System.Text;
using Lofizone.Lofi;
using Lofizone.Zones;

namespace Lofizone.Hosts;

/// <summary>Tells this host from others that have the same name: a random ID, made once and kept under /etc.</summary>
public static class HostIdentity
{
    private const int IdBytes = 16;
    private const string FileName = "host-id";
    private const string BootFileName = "boot-id";
    private const char Separator = ':';

    private static readonly TimeSpan _lockLimit = TimeSpan.FromSeconds(10);

    /// <summary>The ID, 32 hexadecimal digits.</summary>
    public static string Id(HostPaths paths) => MadeOnce(paths, Path.Combine(Path.GetDirectoryName(paths.ZoneIndex)!, FileName));

    /// <summary>
    /// Tells this start of this machine from its earlier ones: what belongs to one of those has no process any more. The kernel's word for it
    /// (random(4), boot_id) behind the machine's; of a host below a root of its own, which "starts" when its runtime directory is made, a random ID
    /// in there behind the root. Empty when nothing tells this machine from a copy of its disk elsewhere.
    /// </summary>
    public static string Boot(HostPaths paths)
    {
        if (!paths.IsMachine)
            return paths.Tag + Separator + MadeOnce(paths, Path.Combine(paths.Run, BootFileName));
        string machine = MachineHardware.Digest();
        return machine.Length == 0 ? "" : machine + Separator + File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    }

    /// <summary>An owner of this very machine, before it was started: it has ended for certain. A copy of this host elsewhere is another machine.</summary>
    internal static bool IsOfEarlierBoot(ImageOwner owner, HostPaths paths)
    {
        if (owner.HostId != Id(paths) || owner.Boot.IsEmpty)
            return false;
        string[] then = owner.Boot.Raw.Split(Separator), now = Boot(paths).Split(Separator);
        return then is [var machine, var boot] && now is [var thisMachine, var thisBoot] && machine == thisMachine && boot != thisBoot;
    }

    /// <summary>This host as the owner of an image.</summary>
    public static ImageOwner Describe(HostPaths paths, DateTimeOffset since) => new(
        Environment.MachineName, Id(paths), since, typeof(HostIdentity).Assembly.GetName().Version?.ToString(3) ?? "");

    private static string MadeOnce(HostPaths paths, string file)
    {
        if (Read(file) is { } id)
            return id;
        // Two first commands at once must agree.
        using ZoneLock held = ZoneLock.Take(paths, "." + Path.GetFileName(file), "first command", _lockLimit);
        if (Read(file) is { } other)
            return other;
        string made = RandomNumberGenerator.GetHexString(IdBytes * 2, lowercase: true);
        HostFile.Write(file, Encoding.ASCII.GetBytes(made + "\n"));
        return made;
    }

    private static string? Read(string file) => File.Exists(file) && File.ReadAllText(file).Trim() is { Length: IdBytes * 2 } id ? id : null;
}
