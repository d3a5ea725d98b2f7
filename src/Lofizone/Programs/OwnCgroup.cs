using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// A cgroup of ours, in every hierarchy of the host, for processes that outlive the command that starts them: keeper, engines and watch of
/// a device, supervisor of a zone. No limit of the caller's may hold up the data path. Memory is the grave one: a process beyond its limit
/// frees pages, waits for those that are being written (always in cgroup version 1), and so an engine that shares the limit with a program
/// that writes to its device would wait for itself. A freezer, a quota and a session that ends stop at the cgroup's border, too. On a host
/// that runs systemd such a cgroup is a scope's (<see cref="SystemdScope"/>) or lies in one.
/// </summary>
/// <param name="Path">Below each hierarchy's root.</param>
internal sealed record OwnCgroup(string Path)
{
    /// <summary>Exists where processes can't be put in before a child is given CPUs and memory nodes (cpuset(7), version 1).</summary>
    private const string CpusetFile = "cpuset.mems";

    /// <summary>Kernel's name for the process that writes it.</summary>
    private const string WritingProcess = "0";

    private const string Members = "/cgroup.procs";

    private static readonly TimeSpan _leaveLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(2);

    /// <summary>Of a device of this host, where no service manager makes it one. The name can't be a zone's.</summary>
    public static OwnCgroup OfDevice(HostPaths host, int number) =>
        new($"{host.Cgroup}/.lofi-{number}");

    /// <summary>Of a zone's supervisor, likewise.</summary>
    public static OwnCgroup OfSupervisor(HostPaths host, string zone) => new($"{host.Cgroup}/.conmon-{zone}");

    /// <summary>
    /// Puts this process in; all that it starts later is in it from the start. What it has allocated so far stays charged where it was.
    /// </summary>
    /// <returns>What was refused, and why.</returns>
    public IReadOnlyList<string> Enter()
    {
        List<string> refused = [];
        foreach (string hierarchy in Hierarchies())
        {
            try
            {
                Directory.CreateDirectory(hierarchy + Path);
                File.WriteAllText(hierarchy + Path + Members, WritingProcess);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                refused.Add($"stays in its caller's cgroup below {hierarchy}, and under its limits: {e.Message}");
            }
        }

        return refused;
    }

    /// <summary>
    /// Takes this process, which was started by one that lives in such a cgroup, out of it into each hierarchy's root: it may be the one
    /// that takes the zone or device apart, and the cgroup with it. Where that is refused the cgroup stays for the next zone or device of
    /// the name. A scope is left alone: systemd removes it when its last process has ended.
    /// </summary>
    public static void Leave()
    {
        if (SystemdScope.AreHere)
            return;
        foreach (string hierarchy in Hierarchies())
        {
            try
            {
                File.WriteAllText(hierarchy + Members, WritingProcess);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // As the summary says.
            }
        }
    }

    /// <summary>Takes it away where it is; one in which something still runs stays, for the next zone or device of the name.</summary>
    public async Task RemoveAsync(TimeProvider time, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        foreach (string directory in Hierarchies().Select(h => h + Path))
        {
            while (!TryRemove(directory) && time.GetElapsedTime(start) < _leaveLimit)
                await Task.Delay(_poll, time, cancellation);
        }
    }

    /// <returns>False while a process is in it: one that has ended leaves a moment later; what a fenced engine has started to stop its zone
    /// may be who asks.</returns>
    private static bool TryRemove(string directory)
    {
        try
        {
            if (Directory.Exists(directory))
                CgroupDirectory.Remove(directory);
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.EBUSY)
        {
            return false;
        }
        catch (IOException) when (!Directory.Exists(directory))
        {
            // Another command was faster.
            return true;
        }
    }

    /// <summary>All but cpuset: on which CPUs it runs is the caller's to say.</summary>
    private static IEnumerable<string> Hierarchies()
    {
        CgroupLayout layout = CgroupLayout.OfHost();
        return layout.All.Where(h => h == layout.Version2 || !File.Exists($"{h}/{CpusetFile}"));
    }
}
