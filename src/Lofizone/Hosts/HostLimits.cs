using System.Globalization;

namespace Lofizone.Hosts;

/// <summary>A limit of the kernel that is too low for a number of zones.</summary>
/// <param name="What">The limit, its value and the needed value.</param>
/// <param name="Mend">The file and the command that raise the limit.</param>
public sealed record HostLimitFinding(string What, string Mend);

/// <summary>
/// Limits of the kernel that all zones of a host share. The limits of user namespaces (inotify, user.max_*) also count for the user who
/// made the namespace (namespaces(7)). crun makes every zone's namespace as root, so all zones together have the limit of one user.
/// </summary>
public static class HostLimits
{
    /// <summary>
    /// Name of the package's file in /usr/lib/sysctl.d. A file of the same name in /etc/sysctl.d replaces it (sysctl.d(5)).
    /// </summary>
    public const string File = "50-lofizone.conf";

    // Needs of the host itself and of each zone. A zone's numbers are those measured with a zone of brand native with systemd 252
    // (docs/scale.md), with room for added services. Each service with PrivateTmp=, PrivateNetwork= and the like has its own namespace of
    // these kinds.
    private static readonly LimitNeed[] _needed =
    [
        // Measured: 8 instances (systemd 5; dbus-daemon, systemd-logind and agetty 1 each), and 24 watches.
        new("fs.inotify.max_user_instances", Host: 32, Zone: 10),
        new("fs.inotify.max_user_watches", Host: 8192, Zone: 512),
        // Measured: 1 namespace of each kind, and 2 of mounts and of UTS.
        new("user.max_user_namespaces", Host: 64, Zone: 4),
        new("user.max_mnt_namespaces", Host: 128, Zone: 16),
        new("user.max_pid_namespaces", Host: 64, Zone: 4),
        new("user.max_net_namespaces", Host: 64, Zone: 4),
        new("user.max_ipc_namespaces", Host: 64, Zone: 4),
        new("user.max_uts_namespaces", Host: 64, Zone: 8),
        new("user.max_cgroup_namespaces", Host: 64, Zone: 4),
        // Measured: 1 terminal, the console; logins come in addition. The kernel keeps 1024 for the host (kernel.pty.reserve).
        new("kernel.pty.max", Host: 1024 + 64, Zone: 8),
        // Measured: 5 processes of one thread each, and 10 threads of this program for the zone.
        new("kernel.pid_max", Host: 4096, Zone: 100),
        new("kernel.threads-max", Host: 4096, Zone: 100),
    ];

    /// <summary>The limits of this host that are too low for a number of zones.</summary>
    public static IReadOnlyList<HostLimitFinding> Check(int zones) => Check(zones, Read);

    internal static IReadOnlyList<HostLimitFinding> Check(int zones, Func<string, long?> read) =>
    [
        .. from limit in _needed
           let needed = limit.Host + limit.Zone * zones
           let there = read(limit.Name)
           where there < needed
           let enough = Math.Max(0, (there.Value - limit.Host) / limit.Zone)
           select new HostLimitFinding(
               $"{limit.Name} is {there} on this host, enough for about {enough} zones with systemd, and not for {zones}: the next "
               + "may not start",
               $"raise it in /etc/sysctl.d/{File}, and now: sysctl -w {limit.Name}={RoundUp(needed)}"),
    ];

    private static long? Read(string name)
    {
        try
        {
            return long.TryParse(
                System.IO.File.ReadAllText("/proc/sys/" + name.Replace('.', '/')).Trim(), CultureInfo.InvariantCulture, out long value)
                ? value
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The kernel does not have this limit.
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

    /// <param name="Name">Name for sysctl(8).</param>
    /// <param name="Host">Need of the host itself.</param>
    /// <param name="Zone">Additional need of each zone.</param>
    private sealed record LimitNeed(string Name, long Host, long Zone);
}
