using System.Security.Cryptography;
using System.Text;

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
    /// Tells this start of this machine from its earlier ones: what belongs to one of those has no process any more. The kernel's word for
    /// it (random(4), boot_id) behind the machine's; of a host below a root of its own, which "starts" when its runtime directory is made,
    /// a random ID in there behind the root. Empty when nothing tells this machine from a copy of its disk elsewhere.
    /// </summary>
    public static string Boot(HostPaths paths)
    {
        if (!paths.IsMachine)
            return paths.Tag + Separator + MadeOnce(paths, Path.Combine(paths.Run, BootFileName));
        string machine = MachineHardware.Digest();
        return machine.Length == 0 ? "" : machine + Separator + File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    }

    /// <summary>
    /// Whether a text of <see cref="Boot"/> is of an earlier start of this very machine. A copy of this host elsewhere is another machine.
    /// </summary>
    internal static bool IsEarlierBoot(string text, HostPaths paths)
    {
        string[] then = text.Split(Separator), now = Boot(paths).Split(Separator);
        return then is [var machine, var boot] && now is [var thisMachine, var thisBoot] && machine == thisMachine && boot != thisBoot;
    }

    private static string MadeOnce(HostPaths paths, string file)
    {
        if (Read(file) is { } id)
            return id;
        // Two first commands at once must agree.
        using HostLock held = HostLock.Take(paths, "." + Path.GetFileName(file), "first command", _lockLimit);
        if (Read(file) is { } other)
            return other;
        string made = RandomNumberGenerator.GetHexString(IdBytes * 2, lowercase: true);
        HostFile.Write(file, Encoding.ASCII.GetBytes(made + "\n"));
        return made;
    }

    private static string? Read(string file) => File.Exists(file) && File.ReadAllText(file).Trim() is { Length: IdBytes * 2 } id
        ? id
        : null;
}
