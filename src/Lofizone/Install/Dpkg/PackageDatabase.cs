using Lofizone.Install.Trees;

namespace Lofizone.Install.Dpkg;

/// <summary>dpkg's database of a system, read only.</summary>
internal sealed class PackageDatabase
{
    /// <summary>dpkg's admin directory.</summary>
    public const string Directory = "/var/lib/dpkg";

    private readonly SourceTree _source;
    private readonly Dictionary<string, PackageRecord> _packages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PackageRecord>> _providers = new(StringComparer.Ordinal);
    private readonly ILookup<string, string> _infoFiles;
    private readonly HashSet<string> _diverted;
    private readonly Lazy<PathExclusions> _exclusions;

    private PackageDatabase(SourceTree source, IReadOnlyList<PackageRecord> all, string architecture)
    {
        _source = source;
        Architecture = architecture;
        foreach (PackageRecord package in all.Where(p => p.Architecture == architecture || p.Architecture == "all" || p.IsBroken))
        {
            _packages.TryAdd(package.Name, package);
            foreach (string name in package.Provides.Where(_ => package.IsInstalled))
            {
                if (!_providers.TryGetValue(name, out List<PackageRecord>? list))
                    _providers[name] = list = [];
                list.Add(package);
            }
        }

        _infoFiles = source.List(Directory + "/info").Where(f => f.Contains('.'))
            .ToLookup(f => f[..f.LastIndexOf('.')], StringComparer.Ordinal);
        Diversions = Diversion.Parse(source.ReadText(Directory + "/diversions") ?? "");
        _diverted = [.. Diversions.Select(d => d.Path)];
        // Patterns count only for the system that is copied, so they are read when they are needed.
        _exclusions = new Lazy<PathExclusions>(() => PathExclusions.Parse(
            source.List("/etc/dpkg/dpkg.cfg.d").Select(f => "/etc/dpkg/dpkg.cfg.d/" + f).Append("/etc/dpkg/dpkg.cfg").Reverse()
                .Select(f => source.ReadText(f) ?? "")));
    }

    /// <summary>
    /// dpkg's own architecture. Packages of foreign architectures are left out, because a zone gets only its base system's needs.
    /// </summary>
    public string Architecture { get; }

    public IReadOnlyList<Diversion> Diversions { get; }

    public bool IsDiverted(string path) => _diverted.Contains(path);

    public PathExclusions Exclusions => _exclusions.Value;

    public IEnumerable<PackageRecord> Packages => _packages.Values;

    /// <param name="source">The system with the packages.</param>
    /// <param name="whose">Name of the system in messages.</param>
    /// <exception cref="LofizoneException">The system has no dpkg, or dpkg is running or was interrupted.</exception>
    public static PackageDatabase Load(SourceTree source, string whose = "the global zone")
    {
        string status = source.ReadText(Directory + "/status") ?? throw new LofizoneException(
            $"{source.Root}{Directory}/status: not found: brand native copies the packages of a global zone that is managed by dpkg, "
            + $"and {whose} is not",
            "use a Debian-like system");
        // dpkg journals its changes in this directory, and merges them into the status file when it ends.
        if (source.List(Directory + "/updates").Any(f => f.All(char.IsAsciiDigit)))
            throw new LofizoneException(
                $"{source.Root}{Directory}: dpkg is at work in {whose}, or was interrupted",
                "wait for it to end, or run: dpkg --configure -a");
        PackageRecord[] packages = [.. ControlParagraph.Split(status).Select(PackageRecord.Parse).OfType<PackageRecord>()];
        string architecture = packages.FirstOrDefault(p => p.Name == "dpkg" && p.IsInstalled)?.Architecture ?? throw new LofizoneException(
            $"{source.Root}{Directory}/status: the package dpkg is not installed",
            "brand native needs a global zone that is managed by dpkg");
        return new PackageDatabase(source, packages, architecture);
    }

    /// <summary>
    /// The package of this name, or a package that provides the name; null when there is none. A broken package is returned, too.
    /// </summary>
    public PackageRecord? Find(string name)
    {
        if (_packages.TryGetValue(name, out PackageRecord? package) && (package.IsInstalled || package.IsBroken))
            return package;
        return _providers.GetValueOrDefault(name)?[0];
    }

    public bool IsInstalled(string name) => _packages.TryGetValue(name, out PackageRecord? package) && package.IsInstalled;

    /// <summary>The paths that a package owns, according to its .list file.</summary>
    public IReadOnlyList<string> FilesOf(PackageRecord package)
    {
        string list = InfoFilesOf(package).FirstOrDefault(f => f.EndsWith(".list", StringComparison.Ordinal))
            ?? throw new LofizoneException(
            $"package {package.Name}: dpkg's list of its files is missing in {_source.Root}{Directory}/info",
            $"run: apt-get install --reinstall {package.Name}");
        return [.. (_source.ReadText($"{Directory}/info/{list}") ?? "").Split('\n').Where(p => p.StartsWith('/') && p != "/.")];
    }

    /// <summary>
    /// Names of a package's files in dpkg's info directory: NAME.postinst, or NAME:ARCHITECTURE.postinst for Multi-Arch: same.
    /// </summary>
    public IEnumerable<string> InfoFilesOf(PackageRecord package) =>
        _infoFiles[package.Name].Concat(_infoFiles[$"{package.Name}:{package.Architecture}"]);

    /// <summary>Content of one file in dpkg's admin directory; empty when the file is missing.</summary>
    public string Read(string name) => _source.ReadText($"{Directory}/{name}") ?? "";
}
