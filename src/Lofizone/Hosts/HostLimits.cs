using System.Globalization;

namespace Lofizone.Hosts;

/// <summary>A limit of the kernel that is too low for a number of zones.</summary>
/// <param name="What">Which one, what it is and what is needed.</param>
/// <param name="Mend">File and command that raise it.</param>
public sealed record HostLimitFinding(string What, string Mend);

/// <summary>
/// Limits of the kernel that all zones of a host share. Those of user namespaces (inotify, user.max_*) count for whoever made the namespace
/// too: crun makes every zone's as root, so all zones together have what one user has.
/// </summary>
public static class HostLimits
{
    /// <summary>The file that the package brings in /usr/lib/sysctl.d; one of that name in /etc/sysctl.d counts instead.</summary>
    public const string File = "50-lofizone.conf";

    // For the host itself, and for each zone: what a zone of brand native with systemd 252 was measured to have (docs/scale.md), and room
    // for services that are added in it. Each service with PrivateTmp=, PrivateNetwork= and the like has a namespace of these kinds for
    // itself.
    private static readonly LimitNeed[] _needed =
    [
        // Measured: 8 (systemd 5, dbus-daemon, systemd-logind and agetty 1 each), and 24 watches.
        new("fs.inotify.max_user_instances", Host: 32, Zone: 10),
        new("fs.inotify.max_user_watches", Host: 8192, Zone: 512),
        // Measured: 1 of each, 2 of mounts and of UTS.
        new("user.max_user_namespaces", Host: 64, Zone: 4),
        new("user.max_mnt_namespaces", Host: 128, Zone: 16),
        new("user.max_pid_namespaces", Host: 64, Zone: 4),
        new("user.max_net_namespaces", Host: 64, Zone: 4),
        new("user.max_ipc_namespaces", Host: 64, Zone: 4),
        new("user.max_uts_namespaces", Host: 64, Zone: 8),
        new("user.max_cgroup_namespaces", Host: 64, Zone: 4),
        // Measured: 1, the console; and logins. 1024 are kept for the host (kernel.pty.reserve).
        new("kernel.pty.max", Host: 1024 + 64, Zone: 8),
        // Measured: 5 processes of one thread each, and 10 threads of ours for them.
        new("kernel.pid_max", Host: 4096, Zone: 100),
        new("kernel.threads-max", Host: 4096, Zone: 100),
    ];

    /// <summary>What is too low for a number of zones on this host.</summary>
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

    /// <param name="Name">As sysctl(8) names it.</param>
    /// <param name="Host">What the host needs for itself.</param>
    /// <param name="Zone">What each zone needs besides.</param>
    private sealed record LimitNeed(string Name, long Host, long Zone);
}
