using Lofizone.Install.Dpkg;

namespace Lofizone.Install.Update;

/// <summary>A set of packages in one system. Finds their unsatisfied dependencies.</summary>
internal sealed class PackageSet
{
    private readonly Dictionary<string, PackageRecord> _packages;

    public PackageSet(IEnumerable<PackageRecord> packages) => _packages = packages.ToDictionary(p => p.Name, StringComparer.Ordinal);

    public IEnumerable<PackageRecord> Packages => _packages.Values;

    public PackageRecord? Find(string name) => _packages.GetValueOrDefault(name);

    /// <summary>Dependencies that no package of the set satisfies, each with its package.</summary>
    public IEnumerable<(PackageRecord Package, Relation Relation)> Missing()
    {
        HashSet<string> provided = [.. Packages.SelectMany(p => p.Provides)];
        foreach (PackageRecord package in Packages)
        {
            foreach (Relation relation in package.PreDepends.Concat(package.Depends).Where(r => !IsSatisfied(r, provided)))
                yield return (package, relation);
        }
    }

    /// <summary>
    /// True when the set has a package of that name in an accepted version, or a package that provides the name. Versions of provided names
    /// are ignored.
    /// </summary>
    private bool IsSatisfied(Relation relation, HashSet<string> provided) => VersionedName.ParseAlternatives(relation.Text).Any(a =>
        (_packages.TryGetValue(a.Name, out PackageRecord? package) && a.IsSatisfiedBy(package.Version)) || provided.Contains(a.Name));
}
