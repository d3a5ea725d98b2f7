using Lofizone.Basics;
using Lofizone.Install.Dpkg;
using Lofizone.Install.Trees;
using Lofizone.Interop;

namespace Lofizone.Install;

/// <summary>Finds the files of the chosen packages in the global zone, and decides what happens to each file.</summary>
internal sealed class CopyPlanner(SourceTree source, PackageDatabase database, IReadOnlyList<PackageRecord> packages)
{
    /// <summary>Links that make /bin and the like parts of /usr. On some releases no package owns these links.</summary>
    private static readonly string[] _mergedDirectories = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/libo32"];

    /// <summary>Directories that a running system mounts over or empties. Their content belongs to the machine, not to a package.</summary>
    private static readonly string[] _volatile = ["/proc/", "/sys/", "/dev/", "/run/", "/tmp/", "/var/tmp/"];

    /// <summary>
    /// Directories whose files a system can do without. Tools that save space remove such files without dpkg's knowledge.
    /// </summary>
    private static readonly string[] _dispensable =
        [
            "/usr/share/doc/", "/usr/share/man/", "/usr/share/info/", "/usr/share/locale/", "/usr/share/lintian/", "/usr/share/gnome/help/",
            "/var/cache/", "/var/log/", "/var/lib/apt/lists/",
        ];

    private const int WorldReadable = 4;

    private readonly Dictionary<string, CopyEntry> _directories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CopyEntry> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<(DeviceNumber, ulong), string> _firstNames = [];
    private readonly List<string> _notes = [];
    private readonly HashSet<string> _chosen = [.. packages.Select(p => p.Name)];
    private int _excluded;

    /// <exception cref="LofizoneException">A file that the zone needs is missing in the global zone.</exception>
    public CopyPlan Plan(CancellationToken cancellation)
    {
        foreach (string path in _mergedDirectories.Where(p => source.LinkAt(p) is not null))
            Add(path, path, "base-files");
        foreach (PackageRecord package in packages)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (string path in database.FilesOf(package))
                AddListed(package, path);
        }

        if (_excluded > 0)
            _notes.Add(
                $"{_excluded} files are missing as dpkg's path-exclude options in the global zone ask; dpkg -V in the zone will name them");
        return new CopyPlan(
            [.. _directories.Values.OrderBy(d => d.Target, StringComparer.Ordinal)],
            [.. _files.Values.OrderBy(f => f.Target, StringComparer.Ordinal)],
            _notes);
    }

    private void AddListed(PackageRecord package, string path)
    {
        if (_volatile.Any(v => path.StartsWith(v, StringComparison.Ordinal)))
            return;
        Diversion? diversion = database.Diversions.FirstOrDefault(d => d.Path == path && d.By != package.Name);
        string from = diversion?.To ?? path;
        // A package that the zone does not get has diverted the file. In the zone the file has its own name again.
        string to = diversion is not null && (diversion.By == ":" || _chosen.Contains(diversion.By)) ? diversion.To : path;
        if (package.Conffiles.TryGetValue(path, out string? shipped) && !KeepConffile(package, from, shipped))
            return;
        if (!Add(from, to, package.Name))
            NoteMissing(package, from);
    }

    /// <summary>
    /// Tells whether a configuration file is copied. A changed file is copied unchanged, as Solaris does with editable files, unless it may
    /// hold a secret.
    /// </summary>
    private bool KeepConffile(PackageRecord package, string path, string shipped)
    {
        if (source.CanonicalEntry(path) is not { } canonical || source.Stat(canonical) is not { Kind: FileKind.Regular } metadata)
            return true;
        string now = Convert.ToHexStringLower(Digests.Md5(source.ReadBytes(canonical) ?? []));
        if (now == shipped)
            return true;
        bool secret = (metadata.Mode & WorldReadable) == 0;
        _notes.Add(secret
            ? $"{path} ({package.Name}): changed in the global zone and not readable by everyone: not copied"
            : $"{path} ({package.Name}): changed in the global zone: copied as it is");
        return !secret;
    }

    private void NoteMissing(PackageRecord package, string path)
    {
        if (database.Exclusions.Excludes(path))
            _excluded++;
        else if (package.Conffiles.ContainsKey(path))
            _notes.Add($"{path} ({package.Name}): removed in the global zone: not copied");
        else if (IsDispensable(path) || path.StartsWith("/etc/", StringComparison.Ordinal))
            _notes.Add($"{path} ({package.Name}): missing in the global zone: not copied");
        else if (database.FilesOf(package).Any(p => p.StartsWith(path + "/", StringComparison.Ordinal))
            || path.StartsWith("/var/", StringComparison.Ordinal) || IsEmptyDirectory(path))
            _notes.Add($"{path} ({package.Name}): directory missing in the global zone: not made");
        else
            throw new LofizoneException(
                $"{path}: missing in the global zone, though package {package.Name} owns it",
                $"run: apt-get install --reinstall {package.Name}");
    }

    /// <summary>True when no package has recorded a checksum for the path, as is the case for directories.</summary>
    private bool IsEmptyDirectory(string path) =>
        !packages.Where(p => database.FilesOf(p).Contains(path)).SelectMany(database.InfoFilesOf)
            .Where(f => f.EndsWith(".md5sums", StringComparison.Ordinal))
            .Any(f => database.Read("info/" + f).Split('\n').Any(l => l.EndsWith("  " + path[1..], StringComparison.Ordinal)));

    internal static bool IsDispensable(string path) => _dispensable.Any(d => path.StartsWith(d, StringComparison.Ordinal));

    private bool Add(string from, string to, string package)
    {
        if (source.CanonicalEntry(from) is not { } origin || source.Stat(origin) is not { } metadata)
            return false;
        int slash = to.LastIndexOf('/');
        string target = (source.Canonical(to[..slash]) ?? to[..slash]) + to[slash..];
        if (_files.ContainsKey(target) || _directories.ContainsKey(target))
            return true;
        AddParents(target, package);
        CopyEntry entry = new(origin, target, metadata, package);
        switch (metadata.Kind)
        {
            case FileKind.Directory:
                _directories[target] = entry;
                break;
            case FileKind.SymbolicLink:
                _files[target] = entry;
                // The link leads to a directory that holds packages' files, so the directory itself is copied, too.
                if (source.Canonical(from) is { Length: > 0 } real
                    && !_volatile.Any(v => (real + "/").StartsWith(v, StringComparison.Ordinal)))
                    AddDirectory(real, package);
                break;
            case FileKind.Regular:
                string first = target;
                if (metadata.Links > 1 && !_firstNames.TryAdd((metadata.Device, metadata.Inode), target))
                    first = _firstNames[(metadata.Device, metadata.Inode)];
                _files[target] = first == target ? entry : entry with { HardLinkTo = first };
                break;
            default:
                _notes.Add($"{from} ({package}): a {metadata.Kind} in the global zone: not copied");
                break;
        }

        return true;
    }

    private void AddParents(string target, string package)
    {
        int slash = target.LastIndexOf('/');
        if (slash > 0)
            AddDirectory(target[..slash], package);
    }

    private void AddDirectory(string canonical, string package)
    {
        if (_directories.ContainsKey(canonical))
            return;
        AddParents(canonical, package);
        if (source.Stat(canonical) is { Kind: FileKind.Directory } metadata)
            _directories[canonical] = new CopyEntry(canonical, canonical, metadata, package);
    }
}
