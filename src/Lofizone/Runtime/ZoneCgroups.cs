using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>The cgroups of one zone, in every hierarchy of the host.</summary>
internal sealed class ZoneCgroups(CgroupLayout layout, string path, TimeProvider time)
{
    /// <summary>Time for killed processes to leave their cgroups.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);
    private const int SigKill = 9;

    /// <summary>Deepest nesting looked at; deeper ones make the removal fail, not run away.</summary>
    private const int DepthLimit = 64;

    // What the kernel names in /sys/kernel/cgroup/delegate for moving processes and making children, never the limits themselves.
    private static readonly string[] _delegated = ["cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "tasks"];

    private IEnumerable<string> Directories => layout.All.Select(m => m + path).Where(Directory.Exists);

    /// <summary>
    /// Lets the zone's root make cgroups below the zone's own and move its processes there, as its systemd does. Of the version 1
    /// hierarchies only systemd's own is given: those with controllers stay the host's.
    /// </summary>
    public void Delegate(uint owner)
    {
        foreach (string hierarchy in new[] { layout.SystemdHierarchy, layout.Version2 }.OfType<string>())
        {
            string directory = hierarchy + path;
            if (!Directory.Exists(directory))
                continue;
            DescriptorPath.ChangeOwner(directory, owner, owner);
            foreach (string file in _delegated.Select(f => Path.Combine(directory, f)).Where(File.Exists))
                DescriptorPath.ChangeOwner(file, owner, owner);
        }
    }

    /// <summary>Kills what lives in the zone's cgroups and removes them.</summary>
    /// <exception cref="LofizoneException">Something doesn't die within the time limit.</exception>
    public async Task RemoveAsync(string zone, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            HashSet<int> processes = [.. Directories.SelectMany(d => Processes(d, 0))];
            processes.Remove(Environment.ProcessId);
            foreach (int process in processes)
            {
                using ProcessHandle? handle = ProcessHandle.Open(process);
                handle?.Signal(SigKill);
            }

            foreach (string directory in Directories)
                Remove(directory, 0);
            if (!Directories.Any())
                return;
            if (time.GetElapsedTime(start) > _limit)
            {
                throw new LofizoneException(
                    $"zone {zone}: processes {string.Join(' ', processes)} don't end, its cgroups stay",
                    "they wait for a device or server that doesn't answer; try again when it does");
            }

            await Task.Delay(_pause, time, cancellation);
        }
    }

    private static List<int> Processes(string directory, int depth)
    {
        List<int> found = [];
        try
        {
            foreach (string line in File.ReadLines(Path.Combine(directory, "cgroup.procs")))
            {
                // 0 stands for a process of another PID namespace, which can't be one of this host's zones.
                if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int process) && process > 0)
                    found.Add(process);
            }

            if (depth < DepthLimit)
                found.AddRange(Directory.EnumerateDirectories(directory).SelectMany(d => Processes(d, depth + 1)));
        }
        catch (IOException)
        {
            // The cgroup vanished while it was read.
        }

        return found;
    }

    private static void Remove(string directory, int depth)
    {
        try
        {
            if (depth < DepthLimit)
            {
                foreach (string child in Directory.GetDirectories(directory))
                    Remove(child, depth + 1);
            }

            CgroupDirectory.Remove(directory);
        }
        catch (IOException)
        {
            // Busy or gone; the caller looks again until its deadline.
        }
    }
}
