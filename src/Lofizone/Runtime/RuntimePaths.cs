using System.Text;
using Lofizone.Hosts;

namespace Lofizone.Runtime;

/// <summary>
/// Where the runtime keeps the files of one zone. The zone's directory may be passed by anyone and listed by root only: crun, once in
/// the zone's user namespace, is a plain user on the host and must reach the root's clone through it. All else lies in a directory for root
/// alone.
/// </summary>
public sealed class RuntimePaths(HostPaths host, string zone)
{
    public string Zone { get; } = zone;

    public string Directory { get; } = host.ZoneRun(zone);

    /// <summary>Owned by the zone's root, mode 0700; holds <see cref="Root"/> only.</summary>
    public string UserNamespaceDirectory => Path.Combine(Directory, "userns");

    /// <summary>Mount point of the ID-mapped clone of the zone's root.</summary>
    public string Root => Path.Combine(UserNamespaceDirectory, "root");

    /// <summary>The OCI bundle and all other state, mode 0700.</summary>
    public string Bundle => Path.Combine(Directory, "runtime");

    public string Launch => Path.Combine(Bundle, "launch.json");

    public string Config => Path.Combine(Bundle, "config.json");

    public string InitPid => Path.Combine(Bundle, "init.pid");

    public string ConmonPid => Path.Combine(Bundle, "conmon.pid");

    /// <summary>Fifo on which conmon tells the PID of init or why there is none.</summary>
    public string Sync => Path.Combine(Bundle, "sync");

    public string ExitDirectory => Path.Combine(Bundle, "exit");

    public string Exit => Path.Combine(ExitDirectory, Zone);

    public string CrunState => Path.Combine(host.CrunRoot, Zone);

    /// <summary>Exists from create to start.</summary>
    public string ExecFifo => Path.Combine(CrunState, "exec.fifo");

    /// <summary>
    /// The zone's cgroup below each hierarchy's root, as its boot has noted it. A boot by a release without such a note used one place for
    /// all.
    /// </summary>
    public string Cgroup => HostFile.Read(CgroupNote) is { } noted ? Encoding.UTF8.GetString(noted) : $"{host.Cgroup}/{Zone}";

    private string CgroupNote => Path.Combine(Bundle, "cgroup");

    /// <summary>Notes where the zone lives, before anything of it does.</summary>
    public void WriteCgroup(string path) => HostFile.Write(CgroupNote, Encoding.UTF8.GetBytes(path));
}
