using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Testing.Hosts;

/// <summary>
/// The traces on this machine of a host below a directory, apart from the host's configuration. There must be none when no zone of the host
/// is up and no device is attached. Each trace is a line that names one object.
/// </summary>
public static class HostTraces
{
    /// <summary>
    /// First word of the process that holds a host's namespace (scripts/machine-host). The process lives as long as the host.
    /// </summary>
    private const string NamespaceHolder = "machine-host ";

    private const string MachineCgroup = "lofizone";
    private const string CgroupRoot = "/sys/fs/cgroup";
    private const string NamedNetworkNamespaces = "/run/netns";

    /// <summary>Largest number of interfaces that are searched for each zone.</summary>
    private const int InterfacesPerZone = 8;

    /// <summary>All traces. <paramref name="zones"/> are the names of zones whose interfaces are searched.</summary>
    public static IReadOnlyList<string> Find(HostPaths host, params string[] zones) =>
    [
        .. MountTable.Read().Entries.Where(e => IsBelow(e.MountPoint, host.Root)).Select(e => $"mount {e.MountPoint} ({e.FileSystemType} of {e.Source})"),
        .. Loops(host).Select(l => $"loop device {l}"),
        .. Processes(host.Root).Where(p => !p.CommandLine.StartsWith(NamespaceHolder, StringComparison.Ordinal)).Select(p => $"process {p.Id}: {p.CommandLine}"),
        .. Cgroups(host).Select(c => $"cgroup {c}"),
        .. Interfaces(host, zones).Select(i => $"interface {i}"),
        .. NetworkNamespaces(host).Select(n => $"network namespace {n}"),
        .. RuntimeFiles(host).Select(f => $"file {f}"),
    ];

    /// <summary>
    /// Living processes that name the directory in their arguments: engines, conmons, exit notices. The test's own process is not among
    /// them.
    /// </summary>
    public static IEnumerable<(int Id, string CommandLine)> Processes(string root)
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id == Environment.ProcessId)
                continue;
            string line = Text(Path.Combine(directory, "cmdline")).Replace('\0', ' ').Trim();
            if (line.Split(' ', '=').Any(word => word == root || IsBelow(word, root)))
                yield return (id, line);
        }
    }

    /// <summary>Cgroups of zones. The empty parent cgroup of all zones of a host may stay.</summary>
    public static IEnumerable<string> Cgroups(HostPaths host) => CgroupParents(host).SelectMany(Directory.EnumerateDirectories)
        // The machine's top level is one level deeper in a namespace.
        .SelectMany(c => Path.GetFileName(c) == MachineCgroup ? Directory.EnumerateDirectories(c) : [c]);

    /// <summary>The cgroup that holds the cgroups of all zones of the host, in each hierarchy.</summary>
    public static IEnumerable<string> CgroupParents(HostPaths host) => Directory.EnumerateDirectories(CgroupRoot).Prepend(CgroupRoot)
        .Where(d => new DirectoryInfo(d).LinkTarget is null)
        .Select(d => Path.Combine(d, "lofizone-" + host.Tag))
        .Where(Directory.Exists);

    private static IEnumerable<string> Loops(HostPaths host)
    {
        foreach (string device in Directory.EnumerateDirectories("/sys/block", "loop*"))
        {
            string backing = Text(Path.Combine(device, "loop/backing_file")).Trim();
            if (backing.Length == 0)
                continue;
            // The search opens no device, because an open of a hanging device hangs, too.
            string node = "/dev/" + Path.GetFileName(device);
            if (IsBelow(backing, host.Root))
                yield return $"{node} of {backing}";
        }
    }

    private static IEnumerable<string> Interfaces(HostPaths host, string[] zones) =>
        zones.SelectMany(z => Enumerable.Range(0, InterfacesPerZone).Select(i => Network.ZoneNetwork.HostInterface(host, z, i)))
            .Where(name => Directory.Exists("/sys/class/net/" + name));

    private static IEnumerable<string> NetworkNamespaces(HostPaths host) =>
        Directory.Exists(NamedNetworkNamespaces) ? Directory.EnumerateFiles(NamedNetworkNamespaces).Where(f => f.Contains(host.Tag, StringComparison.Ordinal)) : [];

    /// <summary>Runtime state on disk: device records and links, containers, zones that are up.</summary>
    private static IEnumerable<string> RuntimeFiles(HostPaths host)
    {
        IEnumerable<string> zones = Entries(Path.Combine(host.Run, "zones")).SelectMany(Entries);
        return [.. Entries(host.LofiRun).Where(f => Path.GetFileName(f) != "locks"), .. Entries(host.DevLofi), .. Entries(host.CrunRoot), .. zones];
    }

    private static string[] Entries(string directory) => Directory.Exists(directory) ? Directory.GetFileSystemEntries(directory) : [];

    private static bool IsBelow(string path, string directory) => path.StartsWith(directory + "/", StringComparison.Ordinal);

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended meanwhile.
            return "";
        }
    }
}
