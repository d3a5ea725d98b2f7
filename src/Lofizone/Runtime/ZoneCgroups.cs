using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>The cgroups of one zone, in every hierarchy of the host.</summary>
internal sealed class ZoneCgroups(CgroupLayout layout, string path, TimeProvider time)
{
    /// <summary>Time that killed processes have to leave their cgroups, counted from the last one that left.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);
    private const int SigKill = 9;

    /// <summary>Largest number of processes that a message names.</summary>
    private const int NamedProcesses = 16;

    // The files that the kernel names in /sys/kernel/cgroup/delegate: those for moving processes and making children, never the limits
    // themselves.
    private static readonly string[] _delegated = ["cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "tasks"];

    private IEnumerable<string> Directories => layout.All.Select(m => m + path).Where(Directory.Exists);

    /// <summary>The limits of the zone.</summary>
    public CgroupLimits Limits => new([.. Directories]);

    /// <summary>The zone's I/O on its image.</summary>
    public ImageIo ImageIo => new([.. Directories], layout);

    /// <summary>
    /// Lets the zone's root make cgroups below the zone's and move its processes there, as the zone's systemd does. Of the version 1
    /// hierarchies only systemd's is given. Hierarchies with controllers stay the host's.
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

    /// <summary>
    /// Kills the processes in the zone's cgroups and removes the cgroups. The cgroups that the zone has made below (any number, depth and
    /// names) cost time, but can't make the removal fail: the removal goes on as long as it makes progress.
    /// </summary>
    /// <exception cref="LofizoneException">The removal made no progress within the time limit.</exception>
    public async Task RemoveAsync(string zone, CancellationToken cancellation)
    {
        long progress = time.GetTimestamp();
        while (true)
        {
            CgroupRemoval[] rounds = await Task.Run(() => Round(cancellation), cancellation);
            if (rounds.All(r => r.Gone))
                return;
            if (rounds.Any(r => r.Removed > 0))
                progress = time.GetTimestamp();
            if (time.GetElapsedTime(progress) > _limit)
            {
                throw new LofizoneException(
                    $"zone {zone}: processes {string.Join(' ', rounds.SelectMany(r => r.Processes).Distinct().Take(NamedProcesses))} "
                    + "don't end, its cgroups stay",
                    "they wait for a device or server that doesn't answer; try again when it does");
            }

            await Task.Delay(_pause, time, cancellation);
        }
    }

    /// <summary>Number of the zone's processes; null when no hierarchy counts them.</summary>
    public long? CountProcesses() => Directories.Select(d => Read(Path.Combine(d, "pids.current"))).FirstOrDefault(n => n is not null);

    private CgroupRemoval[] Round(CancellationToken cancellation)
    {
        // This process's own cgroup is never killed: a command that got into the zone's cgroup would kill itself.
        bool inside = RuntimeProcesses.IsInCgroup(Environment.ProcessId, path);
        if (!inside && layout.Version2 is { } version2)
            TryWrite($"{version2}{path}/cgroup.kill", "1");
        // Processes of a frozen cgroup can't start others faster than they are killed. They die when the cgroup thaws.
        string freezer = inside ? "" : layout.Version1.Select(h => $"{h}{path}/freezer.state").FirstOrDefault(File.Exists) ?? "";
        try
        {
            TryWrite(freezer, "FROZEN");
            CgroupRemoval[] rounds = [.. layout.All.Select(h => CgroupTree.Remove(h + path, cancellation))];
            foreach (int process in rounds.SelectMany(r => r.Processes).Distinct().Where(p => p != Environment.ProcessId))
            {
                using ProcessHandle? handle = ProcessHandle.Open(process);
                handle?.Signal(SigKill);
            }

            return rounds;
        }
        finally
        {
            TryWrite(freezer, "THAWED");
        }
    }

    private static void TryWrite(string file, string text)
    {
        try
        {
            if (File.Exists(file))
                File.WriteAllText(file, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The cgroup is gone. Any other failure shows when the cgroup can't be removed.
        }
    }

    private static long? Read(string file)
    {
        try
        {
            return long.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out long number) ? number : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
