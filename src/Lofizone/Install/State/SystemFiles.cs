using Lofizone.Install.Trees;

namespace Lofizone.Install.State;

/// <summary>
/// Files that no package lists, because maintainer scripts make them: copied from the packages' own templates where there is one, otherwise
/// new. Values that identify the machine (host name, addresses, machine ID, environment) are never copied from the global zone. A zone gets
/// its name servers when it boots.
/// </summary>
internal static class SystemFiles
{
    private static readonly (string Template, string Path)[] _templates =
    [
        ("/usr/share/base-files/profile", "/etc/profile"),
        ("/usr/share/base-files/motd", "/etc/motd"),
        ("/usr/share/base-files/dot.bashrc", "/root/.bashrc"),
        ("/usr/share/base-files/dot.profile", "/root/.profile"),
        ("/usr/share/base-files/nsswitch.conf", "/etc/nsswitch.conf"),
        ("/usr/share/libc-bin/nsswitch.conf", "/etc/nsswitch.conf"),
    ];

    private static readonly (string Path, int Mode)[] _directories =
    [
        ("/proc", 0x16D), ("/sys", 0x16D), ("/dev", 0x1ED), ("/run", 0x1ED), ("/tmp", 0x3FF), ("/var/tmp", 0x3FF), ("/root", 0x1C0),
        ("/media", 0x1ED), ("/mnt", 0x1ED), ("/opt", 0x1ED), ("/srv", 0x1ED), ("/etc/opt", 0x1ED), ("/home", 0x1ED),
        ("/var/lib/apt/lists/partial", 0x1C0), ("/var/cache/apt/archives/partial", 0x1C0), ("/var/log/apt", 0x1ED),
    ];

    private const int Executable = 0x1ED; // 0755

    public static void Make(SourceTree source, TargetTree target, Accounts accounts, string zoneName)
    {
        foreach ((string path, int mode) in _directories)
            target.MakeDirectory(path, mode);
        foreach ((string template, string path) in _templates)
        {
            if (source.ReadBytes(template) is { } content)
                target.WriteFile(path, content);
        }

        target.WriteText("/etc/zonename", zoneName + "\n");
        target.WriteText("/usr/bin/zonename", "#!/bin/sh\nexec cat /etc/zonename\n", Executable);
        target.WriteText("/etc/hostname", ZoneHostName.Of(zoneName) + "\n");
        target.WriteText(
            "/etc/hosts",
            $"127.0.0.1\tlocalhost\n127.0.1.1\t{ZoneHostName.InHosts(zoneName)}\n\n::1\tlocalhost ip6-localhost "
            + "ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
        target.WriteText("/etc/fstab", "# The root is mounted by the global zone.\n");
        foreach (string path in (string[])["/etc/machine-id", "/etc/environment"])
            target.WriteText(path, "");
        target.WriteText("/etc/shells", Shells(source, target));
        (string, int)[] logs = [("/var/log/wtmp", 0x1B4), ("/var/log/btmp", 0x1B0), ("/var/log/lastlog", 0x1B4)];
        foreach ((string path, int mode) in logs)
            target.WriteText(path, "", mode, accounts.GroupId("utmp"));
        LinkUnlessThere(target, "/var/run", "/run");
        LinkUnlessThere(target, "/var/lock", "/run/lock");
        LinkUnlessThere(target, "/etc/mtab", "../proc/self/mounts");
        if (source.LinkAt("/etc/dpkg/origins/default") is { } vendor && target.Exists("/etc/dpkg/origins/" + vendor))
            LinkUnlessThere(target, "/etc/dpkg/origins/default", vendor);
        if (source.LinkAt("/etc/localtime") is { } zone && zone.StartsWith("/usr/share/zoneinfo/", StringComparison.Ordinal)
            && target.Exists(zone))
        {
            target.Link("/etc/localtime", zone);
            target.WriteText("/etc/timezone", zone["/usr/share/zoneinfo/".Length..] + "\n");
        }
    }

    private static string Shells(SourceTree source, TargetTree target) =>
        string.Concat(
            (source.ReadText("/etc/shells") ?? "/bin/sh\n").Split('\n')
                .Where(l => l.StartsWith('#') || (l.StartsWith('/') && target.Exists(l))).Select(l => l + "\n"));

    private static void LinkUnlessThere(TargetTree target, string path, string content)
    {
        if (!target.Exists(path))
            target.Link(path, content);
    }
}
