using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>A cgroup with a limit of memory, of either version, among those of a throw-away host. It ends with what runs in it.</summary>
internal sealed class LimitedCgroup : IAsyncDisposable
{
    /// <summary>Started by a shell that puts itself in first: what a program needs while it starts is charged, too.</summary>
    private const string EnterAndRun = "echo 0 >\"$0/cgroup.procs\" && exec \"$@\"";

    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(10);

    private LimitedCgroup(string path) => Path = path;

    /// <summary>Its directory.</summary>
    public string Path { get; }

    private static string? Version1Hierarchy => CgroupLayout.OfHost().Version1.FirstOrDefault(h => File.Exists(h + "/memory.limit_in_bytes"));

    /// <summary>Of this host, with at most <paramref name="bytes"/> of memory.</summary>
    public static LimitedCgroup Make(HostPaths host, long bytes)
    {
        string hierarchy = Version1Hierarchy ?? CgroupLayout.OfHost().Version2 ?? throw new InvalidOperationException("no cgroups here");
        string parent = hierarchy + host.Cgroup;
        Directory.CreateDirectory(parent);
        if (Version1Hierarchy is null)
        {
            foreach (string directory in new[] { hierarchy, parent })
                File.WriteAllText(directory + "/cgroup.subtree_control", "+memory");
        }

        LimitedCgroup made = new(Directory.CreateDirectory(parent + "/.limited").FullName);
        Limit(made.Path, bytes);
        return made;
    }

    /// <summary>Limits a cgroup that is there already, such as a zone's: its path below the hierarchies' roots.</summary>
    public static void LimitExisting(string cgroup, long bytes) => Limit((Version1Hierarchy ?? CgroupLayout.OfHost().Version2) + cgroup, bytes);

    /// <summary>A program in this cgroup.</summary>
    public ProgramCall Call(params IReadOnlyList<string> program) => new("sh", ["-c", EnterAndRun, Path, .. program]);

    public void Put(ProcessIdentity process) =>
        File.WriteAllText(Path + "/cgroup.procs", process.Pid.ToString(CultureInfo.InvariantCulture));

    public bool Holds(ProcessIdentity process) => Members().Contains(process.Pid);

    /// <exception cref="TimeoutException">Something in it does not end, though killed.</exception>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(_endLimit);
        while (Members() is { Count: > 0 } members)
        {
            foreach (int member in members)
            {
                using ProcessHandle? handle = ProcessHandle.Open(member);
                handle?.Signal((int)Signal.Kill);
            }

            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{Path}: processes {string.Join(' ', members)} don't end");
            // cgroup.procs tells of no change, and a process that is being made now is met by the next look only.
            await Task.Delay(_poll, CancellationToken.None);
        }

        CgroupDirectory.Remove(Path);
    }

    private static void Limit(string directory, long bytes)
    {
        string file = Version1Hierarchy is null ? "memory.max" : "memory.limit_in_bytes";
        File.WriteAllText($"{directory}/{file}", bytes.ToString(CultureInfo.InvariantCulture));
    }

    private List<int> Members() => [.. File.ReadLines(Path + "/cgroup.procs").Select(l => int.Parse(l, CultureInfo.InvariantCulture))];
}
