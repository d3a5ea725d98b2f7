using System.Reflection;
using Lofizone.Install.Dpkg;
using Lofizone.Install.Trees;

namespace Lofizone.Install;

/// <summary>Describes a system by its packages.</summary>
internal static class ManifestMaker
{
    /// <param name="source">The system's root.</param>
    /// <param name="database">The system's dpkg database.</param>
    /// <param name="init">The init of a zone with these packages.</param>
    /// <param name="packages">The packages to list.</param>
    /// <param name="time">Clock for the date.</param>
    public static Manifest Make(
        SourceTree source, PackageDatabase database, string init, IEnumerable<PackageRecord> packages, TimeProvider time)
    {
        Dictionary<string, string> release = (source.ReadText("/etc/os-release") ?? source.ReadText("/usr/lib/os-release") ?? "")
            .Split('\n')
            .Select(l => l.Split('=', 2)).Where(p => p.Length == 2).GroupBy(p => p[0])
            .ToDictionary(g => g.Key, g => g.Last()[1].Trim('"', '\''));
        return new Manifest
        {
            Brand = NativeInstaller.Brand,
            LofizoneVersion = typeof(ManifestMaker)
                .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
                ?? "unknown",
            Created = time.GetUtcNow(),
            Os = $"{release.GetValueOrDefault("ID", "linux")} {release.GetValueOrDefault("VERSION_ID", "")}".Trim(),
            KernelRelease = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            Architecture = database.Architecture,
            Init = init,
            Packages = [.. packages.Select(List)],
        };
    }

    public static ManifestPackage List(PackageRecord package) => new(package.Name, package.Version, package.Architecture);
}
