using Lofizone.Install.Dpkg;

namespace Lofizone.Install.Update;

/// <summary>
/// Chooses the packages of the global zone that replace a zone's packages or are added, so that all dependencies are satisfied afterwards.
/// </summary>
/// <param name="host">The global zone's packages.</param>
/// <param name="zone">The zone's packages.</param>
/// <param name="standard">Names of the packages that must match.</param>
internal sealed class UpdateSelection(PackageDatabase host, PackageDatabase zone, IReadOnlySet<string> standard)
{
    /// <returns>Packages of the global zone, by name; empty when no update is needed.</returns>
    /// <exception cref="LofizoneException">A dependency could not be satisfied.</exception>
    public IReadOnlyList<PackageRecord> Choose(UpdateKind kind)
    {
        Dictionary<string, PackageRecord> own = zone.Packages.Where(p => p.IsInstalled).ToDictionary(p => p.Name, StringComparer.Ordinal);
        Dictionary<string, PackageRecord> chosen = new(StringComparer.Ordinal);
        foreach (PackageRecord package in own.Values)
        {
            if ((kind == UpdateKind.All || standard.Contains(package.Name)) && OfHost(package.Name) is { } newer
                && PackageVersion.Compare(package.Version, newer.Version) < 0)
                chosen[package.Name] = newer;
        }

        if (kind == UpdateKind.All)
        {
            foreach (string name in standard.Where(n => !own.ContainsKey(n)))
                chosen[name] = OfHost(name)
                    ?? throw new LofizoneException(
                        $"package {name}: is not installed in the global zone any more",
                        "let package changes there end, then attach the zone again");
        }

        Complete(own, chosen);
        return [.. chosen.Values.OrderBy(p => p.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Adds packages until no dependency is missing: the dependency in this host's version, or else this host's version of the package that
    /// depends on it.
    /// </summary>
    private void Complete(Dictionary<string, PackageRecord> own, Dictionary<string, PackageRecord> chosen)
    {
        // Dependencies that the zone lacked before are not the update's fault.
        HashSet<(string, string)> before = [.. new PackageSet(own.Values).Missing().Select(m => (m.Package.Name, m.Relation.Text))];
        while (true)
        {
            PackageSet result = new(own.Values.Where(p => !chosen.ContainsKey(p.Name)).Concat(chosen.Values));
            (PackageRecord Package, Relation Relation)[] missing =
            [
                .. result.Missing().Where(m => !before.Contains((m.Package.Name, m.Relation.Text))),
            ];
            if (missing.Length == 0)
                return;
            PackageRecord[] helpful =
            [
                .. missing.Select(m => Helpful(m.Package, m.Relation, chosen)).OfType<PackageRecord>().DistinctBy(p => p.Name),
            ];
            if (helpful.Length == 0)
            {
                throw new LofizoneException(
                    "the update would break packages of the zone: "
                    + $"{string.Join("; ", missing.Select(m => $"{m.Package.Name} depends on {m.Relation.Text}"))}",
                    "install what is missing in the global zone, or attach the zone with -F and update it from inside");
            }

            foreach (PackageRecord package in helpful)
                chosen[package.Name] = package;
        }
    }

    private PackageRecord? Helpful(PackageRecord package, Relation relation, Dictionary<string, PackageRecord> chosen)
    {
        foreach (VersionedName alternative in VersionedName.ParseAlternatives(relation.Text))
        {
            if (host.Find(alternative.Name) is { IsInstalled: true } candidate && !chosen.ContainsKey(candidate.Name)
                && (candidate.Name != alternative.Name || alternative.IsSatisfiedBy(candidate.Version)))
                return candidate;
        }

        return !chosen.ContainsKey(package.Name) && OfHost(package.Name) is { } other && other.Version != package.Version ? other : null;
    }

    private PackageRecord? OfHost(string name) => host.IsInstalled(name) ? host.Find(name) : null;
}
