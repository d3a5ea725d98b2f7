using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>
/// The layout of this host's cgroups: cgroup2 alone, version 1 controllers alone, or both ("hybrid": controllers in version 1, and an empty
/// cgroup2).
/// </summary>
/// <param name="Version1">Mount points of version 1 hierarchies.</param>
/// <param name="SystemdHierarchy">Mount point of the version 1 hierarchy <c>name=systemd</c>, or null.</param>
/// <param name="Version2">Mount point of cgroup2, or null.</param>
public sealed record CgroupLayout(IReadOnlyList<string> Version1, string? SystemdHierarchy, string? Version2)
{
    /// <summary>True for the hybrid layout, which crun up to 1.8 refuses.</summary>
    public bool IsHybrid => Version1.Count > 0 && Version2 is not null;

    /// <summary>Mount points of all hierarchies.</summary>
    public IEnumerable<string> All => Version2 is null ? Version1 : Version1.Append(Version2);

    public static CgroupLayout OfHost() => Parse(File.ReadAllText("/proc/self/mountinfo"));

    /// <summary>Parses the text of proc_pid_mountinfo(5).</summary>
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
