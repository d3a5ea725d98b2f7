using Lofizone.Install.Dpkg;

namespace Lofizone.Install.Update;

/// <summary>
/// A comparison of a zone's manifest with this host's packages. The result is "equal", "update possible" or "refused", as in zoneadm(8)
/// when a zone is attached.
/// </summary>
public sealed record ManifestComparison
{
    /// <summary>Differences that no update can change: another architecture, another init.</summary>
    public required IReadOnlyList<string> Obstacles { get; init; }

    /// <summary>Packages that must match and are older in the zone. An update replaces them.</summary>
    public required IReadOnlyList<PackageDifference> Older { get; init; }

    /// <summary>Packages that must match and are newer in the zone. A host can't return a zone to older packages.</summary>
    public required IReadOnlyList<PackageDifference> Newer { get; init; }

    /// <summary>Further packages of the zone that this host has in a newer version. They may stay unchanged.</summary>
    public required IReadOnlyList<PackageDifference> Optional { get; init; }

    /// <summary>Packages of the zone that this host does not have. They stay unchanged.</summary>
    public required IReadOnlyList<string> ZoneOnly { get; init; }

    /// <summary>Facts that are worth knowing and prevent nothing.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>True when the attach is refused, even with an update.</summary>
    public bool IsRefused => Obstacles.Count > 0 || Newer.Count > 0;

    /// <summary>Tells whether an attach with this update goes ahead.</summary>
    public bool Allows(UpdateKind update) => !IsRefused && (update != UpdateKind.None || Older.Count == 0);

    public static ManifestComparison Of(Manifest zone, HostOffer host)
    {
        Manifest standard = host.Standard;
        Dictionary<string, string> here = ByName(host.Installed);
        HashSet<string> mustMatch = [.. standard.Packages.Select(p => p.Name)];
        List<PackageDifference> older = [], newer = [], optional = [];
        foreach (ManifestPackage package in zone.Packages.Where(p => here.ContainsKey(p.Name)))
        {
            PackageDifference difference = new(package.Name, package.Version, here[package.Name]);
            int order = PackageVersion.Compare(difference.Zone, difference.Host);
            if (order != 0 && mustMatch.Contains(package.Name))
                (order < 0 ? older : newer).Add(difference);
            else if (order < 0)
                optional.Add(difference);
        }

        return new ManifestComparison
        {
            Obstacles = [.. ObstaclesOf(zone, standard)],
            Older = older,
            Newer = newer,
            Optional = optional,
            ZoneOnly = [.. zone.Packages.Select(p => p.Name).Where(n => !here.ContainsKey(n))],
            Notes = [.. NotesOf(zone, standard)],
        };
    }

    /// <summary>The lists in zoneadm's form; empty when there is nothing to report.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (string obstacle in Obstacles)
            yield return obstacle;
        foreach (string line in List("These packages of the zone are newer than this system's:", Newer.Select(d => d.ToString())))
            yield return line;
        foreach (string line in List("These packages of the zone are inconsistent with this system and can be updated "
            + "(-u):", Older.Select(d => d.ToString())))
            yield return line;
        foreach (string line in List("These packages of the zone's own are older than this system's and may stay (-U updates "
            + "them):", Optional.Select(d => d.ToString())))
            yield return line;
        foreach (string line in List("These packages of the zone are not installed on this system and stay as they are:", ZoneOnly))
            yield return line;
        foreach (string note in Notes)
            yield return note;
    }

    private static IEnumerable<string> List(string heading, IEnumerable<string> items)
    {
        string[] all = [.. items];
        return all.Length == 0 ? [] : [heading, .. all.Select(i => "\t" + i)];
    }

    private static IEnumerable<string> ObstaclesOf(Manifest zone, Manifest host)
    {
        if (zone.Brand != host.Brand)
            yield return $"The zone's brand is {zone.Brand}, not {host.Brand}.";
        if (zone.Architecture != host.Architecture)
            yield return $"The zone's architecture is {zone.Architecture}, this system's is {host.Architecture}.";
        if (zone.Init != host.Init)
            yield return $"The zone boots {zone.Init}, zones of this system boot {host.Init}.";
        if (DistributionOf(zone) != DistributionOf(host))
            yield return $"The zone's packages are of {zone.Os}, this system's of {host.Os}.";
    }

    private static IEnumerable<string> NotesOf(Manifest zone, Manifest host)
    {
        if (PackageVersion.Compare(zone.LofizoneVersion, host.LofizoneVersion) > 0)
            yield return $"The zone comes from a newer Lofizone ({zone.LofizoneVersion}; here {host.LofizoneVersion}).";
        if (PackageVersion.Compare(zone.KernelRelease, host.KernelRelease) > 0)
            yield return $"The zone ran on a newer kernel ({zone.KernelRelease}; here {host.KernelRelease}).";
    }

    private static string DistributionOf(Manifest manifest) => manifest.Os.Split(' ')[0];

    private static Dictionary<string, string> ByName(IEnumerable<ManifestPackage> packages)
    {
        Dictionary<string, string> versions = new(StringComparer.Ordinal);
        foreach (ManifestPackage package in packages)
            versions.TryAdd(package.Name, package.Version);
        return versions;
    }
}
