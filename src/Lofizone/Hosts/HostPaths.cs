using Lofizone.Basics;

namespace Lofizone.Hosts;

/// <summary>
/// Paths of this host. All paths lie below <see cref="Root"/>, so that several "hosts" can live side by side on one machine, as tests need.
/// <c>LOFIZONE_ROOT</c> set to a directory moves all paths there.
/// </summary>
public sealed class HostPaths
{
    /// <summary>Name of the environment variable that moves all host-side paths.</summary>
    public const string RootVariable = "LOFIZONE_ROOT";

    public HostPaths(string root)
    {
        if (!Path.IsPathFullyQualified(root))
            throw new LofizoneException(
                $"{RootVariable}={root}: not an absolute path", $"set {RootVariable} to an absolute directory, or unset it");
        Root = root == "/" ? "/" : root.TrimEnd('/');
    }

    public static HostPaths FromEnvironment() => new(Environment.GetEnvironmentVariable(RootVariable) is { Length: > 0 } root ? root : "/");

    /// <summary>The root of all paths; "/" on a real host.</summary>
    public string Root { get; }

    /// <summary>True for the machine itself; false for one of several hosts side by side.</summary>
    public bool IsMachine => Root == "/";

    /// <summary>The host index: one file per zone.</summary>
    public string ZoneIndex => Under("etc/lofizone/zones");

    /// <summary>Configurations that this host has accepted of zones that it need not have: one file per zone.</summary>
    public string Accepted => Under("etc/lofizone/accepted");

    /// <summary>The zones that an evacuation has moved and their new hosts, for the way back.</summary>
    public string Evacuated => Under("etc/lofizone/evacuated.json");

    /// <summary>The hosts that an evacuation moves zones to when its command names none, one host per line.</summary>
    public string Neighbours => Under("etc/lofizone/neighbours");

    /// <summary>The pools of CPUs, one on each line.</summary>
    public string Pools => Under("etc/lofizone/pools");

    /// <summary>The hosts that this host knows by ID and name.</summary>
    public string KnownHosts => Under("etc/lofizone/hosts");

    /// <summary>
    /// Directories <c>pre-boot</c>, <c>post-boot</c>, <c>pre-halt</c> and <c>post-halt</c> with the administrator's own programs.
    /// </summary>
    public string Hooks => Under("etc/lofizone/hooks");

    /// <summary>Runtime state, which a reboot of the machine removes.</summary>
    public string Run => Under("run/lofizone");

    /// <summary>Runtime directory of one zone: bundle, console socket, state.</summary>
    public string ZoneRun(string zone) => Path.Combine(Run, "zones", zone);

    /// <summary>Runtime directory of the lofi devices.</summary>
    public string LofiRun => Path.Combine(Run, "lofi");

    /// <summary>Directory in which the kernel's NFS client mounts the directories of attached images.</summary>
    public string ShareMounts => Path.Combine(Run, "shares");

    /// <summary>Directory of crun's state.</summary>
    public string CrunRoot => Path.Combine(Run, "crun");

    /// <summary>Logs of installs, engines and consoles.</summary>
    public string Log => Under(LogDirectory);

    /// <summary>The directory of all logs, relative to the host's root.</summary>
    public const string LogDirectory = "var/log/lofizone";

    /// <summary>The socket on which journald takes entries; missing where journald does not run.</summary>
    public string Journal => Under("run/systemd/journal/socket");

    /// <summary>Mount point of lxcfs, where it runs.</summary>
    public string Lxcfs => Under("var/lib/lxcfs");

    /// <summary>Directory of the lofi device links, <c>/dev/lofi</c> on a real host.</summary>
    public string DevLofi => Under("dev/lofi");

    /// <summary>The share of commands that name no share.</summary>
    public string DefaultShare => Under("var/lib/lofizone/share");

    /// <summary>Parent of the zonepaths that this host chooses.</summary>
    public string Zones => Under("zones");

    /// <summary>The zonepath of a zone whose configuration names no other.</summary>
    public string ZonePath(string zone) => Path.Combine(Zones, zone);

    /// <summary>
    /// A short name that is unique to this host, for names in the kernel's machine-wide name spaces (cgroups, interfaces). Empty on a real
    /// host. A host side by side has eight hexadecimal digits of its root's SHA-256.
    /// </summary>
    public string Tag => IsMachine
        ? ""
        : Convert.ToHexStringLower(Digests.Sha256(Root).AsSpan(0, 4));

    /// <summary>
    /// The cgroup, below each hierarchy's root, that holds the cgroups of this host's zones, by the zones' names, and those of its devices.
    /// </summary>
    public string Cgroup => IsMachine ? "/lofizone" : "/lofizone-" + Tag;

    private string Under(string relative) => Path.Combine(Root, relative);
}
