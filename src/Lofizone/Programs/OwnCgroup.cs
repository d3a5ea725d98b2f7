using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// A cgroup of this program, in every hierarchy of the host, for processes that outlive the command that starts them: keeper, engines and
/// watch of a device, supervisor of a zone. No limit of the caller's may hold up the data path. A memory limit would be the worst: a
/// process beyond its limit frees pages, and waits for pages that are being written (always in cgroup version 1). An engine that shared the
/// limit with a program that writes to the engine's device would so wait for itself. A freezer, a quota and the end of a session also stop
/// at the cgroup's border. On a host that runs systemd such a cgroup is a scope's (<see cref="SystemdScope"/>) or lies in a scope.
/// </summary>
/// <param name="Path">Path below each hierarchy's root.</param>
internal sealed record OwnCgroup(string Path)
{
    /// <summary>
    /// File that exists in hierarchies whose child cgroups need CPUs and memory nodes before a process can enter (cpuset(7), version 1).
    /// </summary>
    private const string CpusetFile = "cpuset.mems";

    /// <summary>The kernel's name for the writing process.</summary>
    private const string WritingProcess = "0";

    private const string Members = "/cgroup.procs";

    private static readonly TimeSpan _leaveLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(2);

    /// <summary>The cgroup of a device of this host, on a host without a service manager. The name can't be a zone's.</summary>
    public static OwnCgroup OfDevice(HostPaths host, int number) =>
        new($"{host.Cgroup}/.lofi-{number}");

    /// <summary>The cgroup of a zone's supervisor, on a host without a service manager.</summary>
    public static OwnCgroup OfSupervisor(HostPaths host, string zone) => new($"{host.Cgroup}/.conmon-{zone}");

    /// <summary>
    /// Moves this process into the cgroup. Processes that it starts later are in the cgroup from the start. Memory that it has allocated
    /// stays charged to the former cgroup.
    /// </summary>
    /// <returns>The refused hierarchies, with reasons.</returns>
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
    /// Moves this process out of such a cgroup into each hierarchy's root. This process, whose starter lives in the cgroup, may be the one
    /// that removes the zone or device, and the cgroup with it. After a refusal the cgroup stays for the next zone or device of the name. A
    /// scope is not left, because systemd removes a scope when its last process has ended.
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
                // A refusal is no error; see the summary.
            }
        }
    }

    /// <summary>
    /// Removes the cgroup if it exists. A cgroup that still holds a process stays for the next zone or device of the name.
    /// </summary>
    public async Task RemoveAsync(TimeProvider time, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        foreach (string directory in Hierarchies().Select(h => h + Path))
        {
            while (!TryRemove(directory) && time.GetElapsedTime(start) < _leaveLimit)
                await Task.Delay(_poll, time, cancellation);
        }
    }

    /// <returns>
    /// False while the cgroup holds a process. An ended process leaves the cgroup a moment later. The calling process itself may be in the
    /// cgroup, when a fenced engine has started it to stop its zone.
    /// </returns>
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
            // Another command has removed the cgroup.
            return true;
        }
    }

    /// <summary>All hierarchies but cpuset, because the caller chooses the CPUs.</summary>
    private static IEnumerable<string> Hierarchies()
    {
        CgroupLayout layout = CgroupLayout.OfHost();
        return layout.All.Where(h => h == layout.Version2 || !File.Exists($"{h}/{CpusetFile}"));
    }
}
