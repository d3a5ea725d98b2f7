using Lofizone.Hosts;

namespace Lofizone.Runtime;

/// <summary>Explains why an init ended at once, from its exit status and its output.</summary>
internal static class InitFailure
{
    private const int SignalBase = 128;

    private static readonly (string Said, string Limits)[] _exhausted =
    [
        ("inotify", "fs.inotify.max_user_instances, fs.inotify.max_user_watches"),
        ("Too many open files", "fs.inotify.max_user_instances, fs.file-max"),
        ("No space left on device", "fs.inotify.max_user_watches, user.max_mnt_namespaces, user.max_user_namespaces"),
        ("Failed to fork", "kernel.pid_max, kernel.threads-max, and the zone's own limit of processes"),
        ("Resource temporarily unavailable", "kernel.pid_max, kernel.threads-max, and the zone's own limit of processes"),
    ];

    public static LofizoneException Error(string zone, ZoneExit exit, IReadOnlyList<string> console, IReadOnlyList<HostLimitFinding> limits)
    {
        string low = string.Concat(limits.Select(f => $"\n{f.What}: {f.Mend}"));
        return new LofizoneException($"{zone}: its init ended at once: {ExitText(exit)}{Printed(console)}{low}", Advice(zone, console));
    }

    /// <summary>The last lines of a console, for the end of a message.</summary>
    internal static string Printed(IReadOnlyList<string> console) =>
        console.Count == 0 ? "; it printed nothing" : $"; the last that it printed:\n{string.Join('\n', console.Select(l => "    " + l))}";

    internal static string ExitText(ZoneExit exit) => exit.Kind switch
    {
        ExitKind.Halted => "it powered the zone off",
        ExitKind.Rebooted => "it asked for a reboot",
        ExitKind.Killed => $"signal {exit.Code - SignalBase}",
        ExitKind.Exited => $"exit status {exit.Code}",
        _ => "nobody saw how (its supervisor ended, too)",
    };

    private static string Advice(string zone, IReadOnlyList<string> console)
    {
        string? named = _exhausted.Where(e => console.Any(l => l.Contains(e.Said, StringComparison.OrdinalIgnoreCase)))
            .Select(e => e.Limits).FirstOrDefault();
        return named is null
            ? $"all that it printed is in the console.log of {zone} below /var/log/lofizone"
            : $"a limit that all zones share may be used up: {named}; sysctl shows and sets it";
    }
}
