using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// A cgroup of either version with a limit of memory, among the cgroups of a throw-away host. The disposal ends the cgroup's processes.
/// </summary>
internal sealed class LimitedCgroup : IAsyncDisposable
{
    /// <summary>
    /// The start of a program by a shell that enters the cgroup first, so that memory for the program's start counts, too.
    /// </summary>
    private const string EnterAndRun = "echo 0 >\"$0/cgroup.procs\" && exec \"$@\"";

    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(10);

    private LimitedCgroup(string path) => Path = path;

    /// <summary>The cgroup's directory.</summary>
    public string Path { get; }

    private static string? Version1Hierarchy => CgroupLayout.OfHost().Version1.FirstOrDefault(h => File.Exists(h + "/memory.limit_in_bytes"));

    /// <summary>Makes a cgroup of this host with at most <paramref name="bytes"/> of memory.</summary>
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

    /// <summary>Limits an existing cgroup, such as a zone's, by its path below the hierarchies' roots.</summary>
    public static void LimitExisting(string cgroup, long bytes) => Limit((Version1Hierarchy ?? CgroupLayout.OfHost().Version2) + cgroup, bytes);

    /// <summary>The call of a program in this cgroup.</summary>
    public ProgramCall Call(params IReadOnlyList<string> program) => new("sh", ["-c", EnterAndRun, Path, .. program]);

    public void Put(ProcessIdentity process) =>
        File.WriteAllText(Path + "/cgroup.procs", process.Pid.ToString(CultureInfo.InvariantCulture));

    public bool Holds(ProcessIdentity process) => Members().Contains(process.Pid);

    /// <exception cref="TimeoutException">A killed process of the cgroup does not end.</exception>
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
            // cgroup.procs gives no event, and only the next look finds a process that is being made now.
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
