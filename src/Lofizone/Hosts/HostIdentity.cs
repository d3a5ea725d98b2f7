using System.Text;
using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>Distinguishes this host from others of the same name by a random ID, which is made once and kept under /etc.</summary>
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
    /// Distinguishes this start of the machine from earlier starts. State of an earlier start has no process any more. The value is the
    /// machine's identity followed by the kernel's boot_id (random(4)). A host below LOFIZONE_ROOT "starts" when its runtime directory is
    /// made; its value is its root followed by a random ID in that directory. The value is empty when this machine can't be distinguished
    /// from a copy of its disk elsewhere.
    /// </summary>
    public static string Boot(HostPaths paths)
    {
        if (!paths.IsMachine)
            return paths.Tag + Separator + MadeOnce(paths, Path.Combine(paths.Run, BootFileName));
        string machine = MachineHardware.Digest();
        return machine.Length == 0 ? "" : machine + Separator + File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    }

    /// <summary>
    /// Tells whether a value of <see cref="Boot"/> belongs to an earlier start of this very machine. A copy of this host elsewhere is
    /// another machine.
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
        // Two first commands that run at the same time must get the same ID.
        using HostLock held = HostLock.Take(paths, "." + Path.GetFileName(file), "first command", _lockLimit);
        if (Read(file) is { } other)
            return other;
        string made = RandomBytes.GetHex(IdBytes);
        HostFile.Write(file, Encoding.ASCII.GetBytes(made + "\n"));
        return made;
    }

    private static string? Read(string file) => File.Exists(file) && File.ReadAllText(file).Trim() is { Length: IdBytes * 2 } id
        ? id
        : null;
}
