using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>
/// Files of /proc that show a zone's own limits and use in the place of the host's, from lxcfs (lxcfs(1)) where it runs. lxcfs is a FUSE
/// server: when it is dead or hangs, a look at its files fails or waits. So the files are looked at by a thread that nothing waits for
/// beyond a limit, and a zone is booted without them.
/// </summary>
internal static class ZoneProcFiles
{
    private const string Proc = "/proc";

    /// <summary>Most time for the look at the files. A live lxcfs takes a millisecond.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(1);

    /// <summary>The files that programs take the zone's memory, CPUs, load and uptime from.</summary>
    private static readonly string[] _names = ["cpuinfo", "meminfo", "stat", "uptime", "loadavg", "swaps", "diskstats"];

    /// <summary>The mounts of these files; none when lxcfs does not run, or does not answer.</summary>
    public static IReadOnlyList<OciMount> Mounts(HostPaths host) =>
        MountTable.Read().At(host.Lxcfs) is { FileSystemType: OwnMounts.LxcfsType } ? Mounts(host.Lxcfs, Answers, _limit) : [];

    /// <param name="lxcfs">Mount point of lxcfs.</param>
    /// <param name="answers">Reads a file; false when that fails. The call may never return.</param>
    /// <param name="limit">Most time for all calls.</param>
    internal static IReadOnlyList<OciMount> Mounts(string lxcfs, Func<string, bool> answers, TimeSpan limit)
    {
        string[] sound = [];
        // A thread that waits for a hanging server in the kernel ends with the process.
        Thread look = new(() => Volatile.Write(ref sound, [.. _names.Where(n => answers($"{lxcfs}{Proc}/{n}"))]))
        {
            IsBackground = true,
            Name = "lxcfs",
        };
        look.Start();
        string[] options = ["bind", "ro", "nosuid", "nodev", "noexec"];
        return look.Join(limit)
            ? [.. Volatile.Read(ref sound).Select(n => new OciMount($"{Proc}/{n}", "bind", $"{lxcfs}{Proc}/{n}", options))]
            : [];
    }

    private static bool Answers(string file)
    {
        try
        {
            using FileDescriptor open = Files.Open(file, OpenFlags.ReadOnly | OpenFlags.NoFollow);
            return RegularFile.Read(open, 1).Length > 0;
        }
        catch (LinuxException)
        {
            return false;
        }
    }
}
