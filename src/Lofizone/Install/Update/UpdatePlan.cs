using Lofizone.Install.Dpkg;
using Lofizone.Install.Trees;
using Lofizone.Interop;

namespace Lofizone.Install.Update;

/// <summary>The changes of an update to the zone's files.</summary>
/// <param name="Copies">The files that are copied from the global zone.</param>
/// <param name="Removed">
/// Canonical paths of removed files: no package has them any more, or their new version is missing in the global zone.
/// </param>
/// <param name="RemovedDirectories">Directories that are removed if they are empty by then, the deepest first.</param>
internal sealed record UpdatePlan(CopyPlan Copies, IReadOnlyList<string> Removed, IReadOnlyList<string> RemovedDirectories);

/// <summary>Plans an update: packages of the global zone replace a zone's older packages.</summary>
internal sealed class UpdatePlanner(
    SourceTree global, PackageDatabase host, SourceTree zone, PackageDatabase zonePackages, IReadOnlyList<PackageRecord> chosen)
{
    private readonly List<string> _notes = [];

    public UpdatePlan Plan(CancellationToken cancellation)
    {
        CopyPlan all = new CopyPlanner(global, host, chosen).Plan(cancellation);
        Dictionary<string, ConffileAction> conffiles = Conffiles();
        List<CopyEntry> files = [];
        foreach (CopyEntry entry in all.Files)
        {
            // The package has a link where the zone has a directory. dpkg keeps the directory.
            if (entry.Metadata.Kind == FileKind.SymbolicLink && zone.Stat(entry.Target) is { Kind: FileKind.Directory })
                continue;
            ConffileAction action = conffiles.GetValueOrDefault(entry.Target, ConffileAction.Replace);
            if (action == ConffileAction.Replace)
                files.Add(entry);
            else if (action == ConffileAction.KeepBeside)
                files.Add(entry with { Target = entry.Target + ConffileRules.DistributedSuffix });
        }

        CopyEntry[] directories = [.. all.Directories.Where(d => zone.Stat(d.Target) is null)];
        HashSet<string> copied = [.. all.Files.Select(f => f.Target)];
        (List<string> removed, List<string> removedDirectories) = Leftovers(copied, conffiles);
        return new UpdatePlan(new CopyPlan(directories, files, [.. all.Notes, .. _notes]), removed, removedDirectories);
    }

    private Dictionary<string, ConffileAction> Conffiles()
    {
        Dictionary<string, ConffileAction> actions = new(StringComparer.Ordinal);
        foreach (PackageRecord package in chosen)
        {
            PackageRecord? old = Old(package);
            foreach ((string path, string after) in package.Conffiles)
            {
                ConffileAction action = ConffileRules.Decide(
                    old?.Conffiles.GetValueOrDefault(path), ConffileRules.Digest(zone, path), after);
                actions[zone.CanonicalEntry(path) ?? path] = action;
                if (action == ConffileAction.KeepBeside)
                    _notes.Add(
                        $"{path} ({package.Name}): changed in the zone: kept; the new version is {path}{ConffileRules.DistributedSuffix}");
            }
        }

        return actions;
    }

    /// <summary>Files of the old versions that no package owns now, and files whose new version the global zone lacks.</summary>
    private (List<string> Files, List<string> Directories) Leftovers(HashSet<string> copied, Dictionary<string, ConffileAction> conffiles)
    {
        HashSet<string> names = [.. chosen.Select(p => p.Name)];
        HashSet<string> others =
        [
            .. zonePackages.Packages.Where(p => p.IsInstalled && !names.Contains(p.Name)).SelectMany(zonePackages.FilesOf)
            .Select(Canonical),
        ];
        HashSet<string> updated = [.. chosen.SelectMany(host.FilesOf).Select(Canonical)];
        List<string> files = [], directories = [];
        foreach (PackageRecord old in chosen.Select(Old).OfType<PackageRecord>())
        {
            foreach (string listed in zonePackages.FilesOf(old))
            {
                string path = Canonical(listed);
                if (others.Contains(path) || conffiles.ContainsKey(path) || old.Conffiles.ContainsKey(listed)
                    || zonePackages.IsDiverted(listed))
                    continue;
                if (zone.Stat(path) is not { } there)
                    continue;
                if (there.Kind == FileKind.Directory)
                {
                    if (!updated.Contains(path))
                        directories.Add(path);
                }
                else if (!copied.Contains(path))
                {
                    files.Add(path);
                }
            }
        }

        return (files, [.. directories.Distinct().OrderByDescending(d => d.Length)]);
    }

    private PackageRecord? Old(PackageRecord package) => zonePackages.IsInstalled(package.Name) ? zonePackages.Find(package.Name) : null;

    private string Canonical(string path) => zone.CanonicalEntry(path) ?? path;
}
