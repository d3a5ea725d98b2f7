using System.Text;
using Lofizone.Hosts;

namespace Lofizone.Runtime;

/// <summary>
/// Paths of the runtime's files of one zone. Every user may pass the zone's directory, and only root may list it. In the zone's user
/// namespace crun is a plain user of the host, who must reach the root's clone through the directory. All other files lie in a directory
/// for root alone.
/// </summary>
public sealed class RuntimePaths(HostPaths host, string zone)
{
    public string Zone { get; } = zone;

    public string Directory { get; } = host.ZoneRun(zone);

    /// <summary>Owned by the zone's root, mode 0700; holds only <see cref="Root"/>.</summary>
    public string UserNamespaceDirectory => Path.Combine(Directory, "userns");

    /// <summary>Mount point of the ID-mapped clone of the zone's root.</summary>
    public string Root => Path.Combine(UserNamespaceDirectory, "root");

    /// <summary>The OCI bundle and all other state, mode 0700.</summary>
    public string Bundle => Path.Combine(Directory, "runtime");

    public string Launch => Path.Combine(Bundle, "launch.json");

    public string Config => Path.Combine(Bundle, "config.json");

    public string InitPid => Path.Combine(Bundle, "init.pid");

    public string ConmonPid => Path.Combine(Bundle, "conmon.pid");

    /// <summary>Fifo on which conmon reports the PID of init, or the reason why there is none.</summary>
    public string Sync => Path.Combine(Bundle, "sync");

    public string ExitDirectory => Path.Combine(Bundle, "exit");

    public string Exit => Path.Combine(ExitDirectory, Zone);

    public string CrunState => Path.Combine(host.CrunRoot, Zone);

    /// <summary>Exists between create and start (crun's fifo).</summary>
    public string ExecFifo => Path.Combine(CrunState, "exec.fifo");

    /// <summary>
    /// The zone's cgroup below each hierarchy's root, as the zone's boot has noted it. An older release made no note and used one path for
    /// all zones.
    /// </summary>
    public string Cgroup => HostFile.Read(CgroupNote) is { } noted ? Encoding.UTF8.GetString(noted) : $"{host.Cgroup}/{Zone}";

    private string CgroupNote => Path.Combine(Bundle, "cgroup");

    /// <summary>Notes the zone's cgroup. Called before the cgroup exists.</summary>
    public void WriteCgroup(string path) => HostFile.Write(CgroupNote, Encoding.UTF8.GetBytes(path));
}
