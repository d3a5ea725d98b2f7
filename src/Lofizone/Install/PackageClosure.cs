using Lofizone.Install.Dpkg;

namespace Lofizone.Install;

/// <summary>Chooses the packages of a zone: the standard set and all dependencies.</summary>
internal static class PackageClosure
{
    /// <summary>
    /// Packages that a zone gets, whatever their priority, when the global zone has them. A zone without them can't show its own state.
    /// </summary>
    private static readonly string[] _welcome = ["iproute2", "procps", "dbus", "busybox-static"];

    /// <summary>
    /// Packages that a machine requires and a zone can't use: hardware, and the machine's own network. They are left out unless another
    /// package depends on them.
    /// </summary>
    private static readonly string[] _machineOnly =
        ["ifupdown", "isc-dhcp-client", "isc-dhcp-common", "dhcpcd-base", "udev", "dmidecode", "init", "sysvinit-core", "systemd-sysv"];

    /// <exception cref="LofizoneException">A package is half-installed, or a dependency is not installed.</exception>
    public static IReadOnlyList<PackageRecord> Compute(PackageDatabase database, string init)
    {
        Dictionary<string, PackageRecord> selected = new(StringComparer.Ordinal);
        Queue<PackageRecord> todo = new(Seeds(database, init));
        while (todo.TryDequeue(out PackageRecord? package))
        {
            if (package.IsBroken)
                throw new LofizoneException(
                    $"package {package.Name}: {package.State} in the global zone, so it can't be copied", "run: dpkg --configure -a");
            if (!selected.TryAdd(package.Name, package))
                continue;
            foreach (Relation relation in package.PreDepends.Concat(package.Depends))
                todo.Enqueue(Satisfy(database, package, relation));
        }

        return [.. selected.Values.OrderBy(p => p.Name, StringComparer.Ordinal)];
    }

    /// <summary>The installed package that satisfies a relation; earlier alternatives are preferred.</summary>
    public static PackageRecord Satisfy(PackageDatabase database, PackageRecord package, Relation relation) =>
        relation.Alternatives.Select(database.Find).OfType<PackageRecord>().FirstOrDefault() ?? throw new LofizoneException(
            $"package {package.Name}: it depends on {relation.Text}, which is not installed in the global zone",
            "run: apt-get --fix-broken install");

    private static IEnumerable<PackageRecord> Seeds(PackageDatabase database, string init)
    {
        foreach (PackageRecord package in database.Packages
            .Where(p => p.IsRequired && (p.IsInstalled || p.IsBroken) && !_machineOnly.Contains(p.Name)))
            yield return package;
        foreach (string name in _welcome.Append(init == Manifest.SystemdInit ? "systemd-sysv" : "busybox-static")
            .Where(database.IsInstalled))
            yield return database.Find(name)!;
    }
}
