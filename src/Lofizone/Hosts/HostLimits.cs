using System.Globalization;

namespace Lofizone.Hosts;

/// <summary>A limit of the kernel that is too low for a number of zones.</summary>
/// <param name="What">Which one, what it is and what is needed.</param>
/// <param name="Mend">File and command that raise it.</param>
public sealed record HostLimitFinding(string What, string Mend);

/// <summary>
/// Limits of the kernel that all zones of a host share. Those of user namespaces (inotify, user.max_*) count for whoever made the namespace too:
/// crun makes every zone's as root, so all zones together have what one user has.
/// </summary>
public static class HostLimits
{
    /// <summary>The file that the package brings.</summary>
    public const string File = "50-lofizone.conf";

    // For the host itself, and for each zone with systemd. The inotify instances of a zone are measured (8, and some for services that a zone adds);
    // the other figures are estimates.
    private static readonly (string Name, long Host, long Zone)[] _needed =
    [
        ("fs.inotify.max_user_instances", 32, 10),
        ("fs.inotify.max_user_watches", 8192, 512),
        ("user.max_user_namespaces", 64, 4),
        ("user.max_mnt_namespaces", 128, 16),
        ("user.max_pid_namespaces", 64, 4),
        ("user.max_net_namespaces", 64, 4),
        ("user.max_ipc_namespaces", 64, 4),
        ("user.max_uts_namespaces", 64, 8),
        ("user.max_cgroup_namespaces", 64, 4),
        ("kernel.pty.max", 1024 + 64, 16),
        ("kernel.pid_max", 4096, 100),
        ("kernel.threads-max", 4096, 100),
    ];

    /// <summary>What is too low for a number of zones on this host.</summary>
    public static IReadOnlyList<HostLimitFinding> Check(int zones) => Check(zones, Read);

    internal static IReadOnlyList<HostLimitFinding> Check(int zones, Func<string, long?> read) =>
    [
        .. from limit in _needed
           let needed = limit.Host + limit.Zone * zones
           let there = read(limit.Name)
           where there < needed
           select new HostLimitFinding(
               string.Create(CultureInfo.InvariantCulture, $"{limit.Name} is {there}; {zones} zones need about {needed}"),
               string.Create(CultureInfo.InvariantCulture, $"raise it in /etc/sysctl.d/{File} and now: sysctl -w {limit.Name}={RoundUp(needed)}")),
    ];

    private static long? Read(string name)
    {
        try
        {
            return long.TryParse(System.IO.File.ReadAllText("/proc/sys/" + name.Replace('.', '/')).Trim(), CultureInfo.InvariantCulture, out long value) ? value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A kernel without this limit.
            return null;
        }
    }

    private static long RoundUp(long value)
    {
        long rounded = 1;
        while (rounded < value)
            rounded *= 2;
        return rounded;
    }
}
