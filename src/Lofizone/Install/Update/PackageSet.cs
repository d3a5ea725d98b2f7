using Lofizone.Install.Dpkg;

namespace Lofizone.Install.Update;

/// <summary>Packages that are to live together: finds what one of them misses.</summary>
internal sealed class PackageSet
{
    private readonly Dictionary<string, PackageRecord> _packages;

    public PackageSet(IEnumerable<PackageRecord> packages) => _packages = packages.ToDictionary(p => p.Name, StringComparer.Ordinal);

    public IEnumerable<PackageRecord> Packages => _packages.Values;

    public PackageRecord? Find(string name) => _packages.GetValueOrDefault(name);

    /// <summary>Dependencies that nothing in the set satisfies, with who has them.</summary>
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
    /// A package of that name in a fitting version, or one that provides it; versions of what is provided are not looked at.
    /// </summary>
    private bool IsSatisfied(Relation relation, HashSet<string> provided) => VersionedName.ParseAlternatives(relation.Text).Any(a =>
        (_packages.TryGetValue(a.Name, out PackageRecord? package) && a.IsSatisfiedBy(package.Version)) || provided.Contains(a.Name));
}
