using System.Globalization;
using System.Text;
using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>
/// Finds the processes of a zone by files and /proc. A process ID from a file counts only when /proc confirms that the process is the
/// zone's.
/// </summary>
internal static class RuntimeProcesses
{
    public static RuntimeState Read(RuntimePaths paths)
    {
        int init = IfAlive(Number(paths.InitPid), p => IsInCgroup(p, paths.Cgroup) || HasUserOf(p, paths));
        int conmon = IfAlive(Number(paths.ConmonPid), p => IsConmonOf(p, paths));
        RuntimePhase phase = init > 0
            ? File.Exists(paths.ExecFifo) ? RuntimePhase.Created : RuntimePhase.Running
            : conmon > 0 || Directory.Exists(paths.Bundle) || Directory
                .Exists(paths.CrunState) ? RuntimePhase.Stopped : RuntimePhase.Absent;
        return new RuntimeState(phase, init, ProcessIdentity.Of(init)?.StartTicks ?? 0, conmon);
    }

    /// <summary>False while the process that crun made still runs crun's program. True when it runs init, or has ended.</summary>
    public static bool HasBecomeInit(int process)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{process}/exe", returnFinalTarget: false) is not { } program
                || !program.FullName.Contains("crun", StringComparison.Ordinal);
        }
        catch (UnauthorizedAccessException)
        {
            // crun hides its program from the container.
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Supervisors of the zone and the crun that makes the zone, also those whose PID file was never written.</summary>
    public static IEnumerable<int> Makers(RuntimePaths paths) => All().Where(p => IsOurs(p) && IsMakerOf(p, paths));

    /// <summary>
    /// Logins of the host in the zone. The zone's init can't end before the login's process in the zone is reaped (pid_namespaces(7)). A
    /// stopped login (^Z on the administrator's terminal) does not reap it.
    /// </summary>
    public static IEnumerable<int> Logins(RuntimePaths paths) => All().Where(p => IsOurs(p) && CommandLineOf(p) is { Length: > 2 } words
        && Path.GetFileName(words[0]) == "crun" && words.Contains("exec") && words.Contains(paths.Zone)
        && words.Contains(Path.GetDirectoryName(paths.CrunState)));

    /// <summary>True when <paramref name="process"/> is this process or one of its ancestors.</summary>
    public static bool IsAncestor(int process)
    {
        for (int current = Environment.ProcessId; current > 1; current = ProcessIdentity.ParentOf(current))
        {
            if (current == process)
                return true;
        }

        return false;
    }

    private static int IfAlive(int process, Func<int, bool> belongs) => process > 0 && belongs(process)
        && ProcessIdentity.Of(process) is not null
        ? process
        : 0;

    private static int Number(string file)
    {
        try
        {
            return int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                ? process
                : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public static bool IsInCgroup(int process, string cgroup) => Text($"/proc/{process}/cgroup").Split('\n')
        .Select(l => l.Split(':', 3))
        .Any(f => f.Length == 3 && (f[2] == cgroup || f[2].StartsWith(cgroup + "/", StringComparison.Ordinal)));

    /// <summary>
    /// True when the process runs as a user of the zone's range, which no other process of the host does. Kernels before 6.8 tell no cgroup
    /// at all if its path is longer than PATH_MAX, and a zone can put its processes into such a cgroup.
    /// </summary>
    private static bool HasUserOf(int process, RuntimePaths paths) =>
        ProcessIdentity.UserOf(process) is { } user && RuntimeContext.ReadLaunch(paths) is { } launch && user >= launch.UidBase
            && user - launch.UidBase < launch.IdCount;

    private static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : 0)
        .Where(p => p > 0);

    /// <summary>
    /// True when the process belongs to the host's root. The arguments of other processes are not read: the kernel reads them from the
    /// process's memory, which a zone can place in a file on a server that does not answer.
    /// </summary>
    private static bool IsOurs(int process) => ProcessIdentity.UserOf(process) == 0;

    private static string[] CommandLineOf(int process) => Text($"/proc/{process}/cmdline").Split('\0');

    private static bool IsConmonOf(int process, RuntimePaths paths)
    {
        string[] words = CommandLineOf(process);
        return words.Length > 2 && Path.GetFileName(words[0]) == "conmon" && words.Contains(paths.Bundle);
    }

    private static bool IsMakerOf(int process, RuntimePaths paths)
    {
        string[] words = CommandLineOf(process);
        return words.Length > 2 && words.Contains(paths.Bundle)
            && (Path.GetFileName(words[0]) is "conmon" or "crun" or "systemd-run"
                || words[1] is Launcher.ConmonVerb or Launcher.CrunVerb or Launcher.CreateVerb);
    }

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
