using Lofizone.Install.Trees;

namespace Lofizone.Install.State;

/// <summary>
/// BusyBox as the zone's PID 1, for global zones without systemd. It starts a shell on the console, reaps processes, and shuts down in
/// order.
/// </summary>
internal static class BusyboxInit
{
    // askfirst: a shell runs only after a user has attached to the console and pressed Enter. Only the global zone's root can attach.
    private const string InitTab = """
        # busybox init, see https://busybox.net: id:runlevels:action:command
        ::sysinit:/bin/busybox mkdir -p /run/lock
        ::sysinit:/bin/busybox hostname -F /etc/hostname
        ::askfirst:-/bin/sh
        ::ctrlaltdel:/bin/busybox reboot
        ::restart:/sbin/init
        ::shutdown:/bin/busybox sync

        """;

    public static void Make(TargetTree target)
    {
        target.Link("/sbin/init", "/bin/busybox");
        foreach (string name in (string[])["halt", "poweroff", "reboot"])
        {
            if (!target.Exists("/sbin/" + name))
                target.Link("/sbin/" + name, "/bin/busybox");
        }

        target.WriteText("/etc/inittab", InitTab);
    }
}
