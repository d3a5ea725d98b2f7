using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>
/// How this host mounts its cgroups: a pure cgroup2, pure version 1 controllers, or both ("hybrid": controllers in version 1, an empty
/// cgroup2 beside them).
/// </summary>
/// <param name="Version1">Mount points of version 1 hierarchies.</param>
/// <param name="SystemdHierarchy">Mount point of the version 1 hierarchy <c>name=systemd</c>, or null.</param>
/// <param name="Version2">Mount point of cgroup2, or null.</param>
public sealed record CgroupLayout(IReadOnlyList<string> Version1, string? SystemdHierarchy, string? Version2)
{
    /// <summary>Hybrid: crun up to 1.8 refuses it.</summary>
    public bool IsHybrid => Version1.Count > 0 && Version2 is not null;

    /// <summary>Every hierarchy's mount point.</summary>
    public IEnumerable<string> All => Version2 is null ? Version1 : Version1.Append(Version2);

    public static CgroupLayout OfHost() => Parse(File.ReadAllText("/proc/self/mountinfo"));

    /// <summary>Reads proc_pid_mountinfo(5) text.</summary>
    public static CgroupLayout Parse(string mountInfo)
    {
        List<string> version1 = [];
        string? systemd = null;
        string? version2 = null;
        foreach (MountEntry mount in MountTable.Parse(mountInfo).Entries)
        {
            if (!mount.MountPoint.StartsWith("/sys/fs/cgroup", StringComparison.Ordinal))
                continue;
            if (mount.FileSystemType == "cgroup2")
                version2 = mount.MountPoint;
            else if (mount.FileSystemType == "cgroup")
            {
                version1.Add(mount.MountPoint);
                if (mount.SuperOption("name") == "systemd")
                    systemd = mount.MountPoint;
            }
        }

        return new CgroupLayout(version1, systemd, version2);
    }
}
