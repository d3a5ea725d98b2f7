using Lofizone.Config;

namespace Lofizone.Runtime.Oci;

/// <summary>Files of the namespaces that a zone's init enters. The other namespaces are made together with init.</summary>
internal sealed record ZoneNamespaceFiles(string User, string Network);

/// <summary>The host's limits that bound those of a zone.</summary>
/// <param name="OpenFiles">Largest number of open files of a process.</param>
/// <param name="Tasks">Number of processes and threads.</param>
/// <param name="OomScoreAdj">Preference when the host is out of memory, in thousandths of the memory.</param>
internal sealed record ZoneLimits(ulong OpenFiles, long Tasks, int OomScoreAdj);

/// <summary>Builds the OCI documents of a zone: its view and its rights.</summary>
internal static class ZoneSpec
{
    /// <summary>Limit of open files, the same as systemd's for services: programs that use select(2) need the low soft limit.</summary>
    private const ulong OpenFilesSoft = 1024;
    private const ulong OpenFilesHard = 524288;

    private const string KernelSettings = "/proc/sys";
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>
    /// Capabilities of root in a zone, within the zone's own user namespace. Raw I/O, modules, the clock, the kernel's log, BPF and MAC are
    /// not among them.
    /// </summary>
    private static readonly string[] _capabilities =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP",
        "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
        "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_SETFCAP",
    ];

    /// <summary>The namespaces that crun makes.</summary>
    private static readonly string[] _namespaces = ["pid", "ipc", "uts", "mount", "cgroup"];

    // The zone's root can remove these masks and mount its own proc, as nested containers must. The security does not depend on the masks:
    // the masked files belong to the host's root, who has no rights in the zone, so that the zone can't read or write them anyway
    // (InsideZoneTests). ZoneView treats /sys differently.
    private static readonly string[] _maskedPaths =
        ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/proc/sysrq-trigger"];

    private static readonly string[] _readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq"];

    public static OciSpec Build(ZoneLaunch launch, string root, string cgroup, ZoneNamespaceFiles namespaces, ZoneLimits limits)
    {
        IReadOnlyList<OciIdMapping> mapping = [new(0, launch.UidBase, launch.IdCount)];
        return new OciSpec(
            "1.0.0",
            // With HOME set, crun does not search for it in the zone's /etc/passwd, which could be a fifo. The kernel gives its own init
            // the same HOME.
            Process(launch.Init, terminal: true, ["container=oci", "HOME=/", $"PATH={SearchPath}", "TERM=vt220"], "/",
                Rlimits(limits.OpenFiles, launch.Controls), limits.OomScoreAdj),
            new OciRoot(root, Readonly: false),
            launch.Name,
            Mounts(),
            new OciLinux(
                [
                    new OciNamespace("user", namespaces.User), new OciNamespace("network", namespaces.Network),
                    .. _namespaces.Select(t => new OciNamespace(t, null)),
                ],
                mapping,
                mapping,
                cgroup,
                // CgroupLimits writes the other limits before init starts. crun up to 1.8 can't take a limit back.
                new OciResources(DeviceRules(), new OciPids(limits.Tasks)),
                _maskedPaths,
                [.. _readonlyPaths, .. SettingsOfTheHost()],
                ZoneSeccomp.Profile));
    }

    /// <summary>A command of a login. It gets only the terminal's type and the language of the host's environment.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="terminal">True for a terminal of the zone.</param>
    /// <param name="user">IDs in the zone.</param>
    /// <param name="home">Directory in which the command starts.</param>
    /// <param name="about">The variables that tell of the user.</param>
    /// <param name="terminalType">TERM; null for a dumb terminal.</param>
    /// <param name="language">LANG; null for a neutral one.</param>
    /// <param name="limits">The host's limits.</param>
    /// <param name="controls">The zone's limits.</param>
    public static OciProcess Login(
        IReadOnlyList<string> command, bool terminal, OciUser user, string home, IEnumerable<string> about, string? terminalType,
        string? language, ZoneLimits limits, ResourceControls controls)
    {
        OciProcess process = Process(
            command, terminal, [.. about, $"PATH={SearchPath}", $"TERM={terminalType ?? "dumb"}", $"LANG={language ?? "C.UTF-8"}"], home,
            Rlimits(limits.OpenFiles, controls), limits.OomScoreAdj);
        // Only root has capabilities. The bounding set lets su and sudo work.
        return user.Uid == 0 ? process : process with
        {
            User = user,
            Capabilities = process.Capabilities with { Effective = [], Permitted = [] },
        };
    }

    private static OciProcess Process(
        IReadOnlyList<string> command, bool terminal, IReadOnlyList<string> environment, string directory,
        IReadOnlyList<OciRlimit> rlimits, int oomScoreAdj) =>
        new(
        terminal,
        new OciUser(0, 0),
        command,
        environment,
        directory,
        new OciCapabilities(_capabilities, _capabilities, _capabilities),
        rlimits,
        NoNewPrivileges: false,
        oomScoreAdj);

    private static IReadOnlyList<OciRlimit> Rlimits(ulong openFilesLimit, ResourceControls controls)
    {
        OciRlimit files = new("RLIMIT_NOFILE", Math.Min(OpenFilesSoft, openFilesLimit), Math.Min(OpenFilesHard, openFilesLimit));
        return controls.LockedBytes is { } locked ? [files, new OciRlimit("RLIMIT_MEMLOCK", (ulong)locked, (ulong)locked)] : [files];
    }

    // The settings below net belong to the zone's own network namespace, all others to the host.
    private static IEnumerable<string> SettingsOfTheHost() =>
        Directory.EnumerateDirectories(KernelSettings).Where(d => Path.GetFileName(d) != "net").Order(StringComparer.Ordinal);

    // /sys is missing here, because ZoneView has mounted it in the root already.
    private static OciMount[] Mounts() =>
    [
        new("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
        new("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
        new("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
        new("/dev/shm", "tmpfs", "shm", ["nosuid", "nodev", "mode=1777", "size=65536k"]),
        new("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
        new("/run", "tmpfs", "tmpfs", ["nosuid", "nodev", "mode=755", "size=64m"]),
        // The mount is writable, because an init such as systemd keeps its services in its own cgroups below the zone's.
        new("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", "rw"]),
    ];

    private static OciDeviceRule[] DeviceRules() =>
    [
        new(false, null, null, null, "rwm"),
        Device(1, 3), Device(1, 5), Device(1, 7), Device(1, 8), Device(1, 9),
        Device(5, 0), Device(5, 1), Device(5, 2), Device(136, null),
    ];

    private static OciDeviceRule Device(long major, long? minor) => new(true, "c", major, minor, "rwm");
}
