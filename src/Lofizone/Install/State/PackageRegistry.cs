using Lofizone.Install.Dpkg;
using Lofizone.Install.Trees;

namespace Lofizone.Install.State;

/// <summary>
/// dpkg's database in the zone. Packages are registered one by one. The status file, which makes them count as installed, is written last
/// and as a whole, so that a half-made zone never looks complete to dpkg.
/// </summary>
internal sealed class PackageRegistry(SourceTree source, TargetTree target, PackageDatabase database, IReadOnlyList<PackageRecord> packages)
{
    private const string Info = PackageDatabase.Directory + "/info";

    private readonly HashSet<string> _names = [.. packages.Select(p => p.Name)];

    /// <summary>Size of the info directory, for estimates.</summary>
    public (long Bytes, long Files) Size()
    {
        long bytes = 0, files = 0;
        foreach (string name in packages.SelectMany(database.InfoFilesOf))
        {
            long size = source.Stat($"{Info}/{name}")?.Size ?? 0;
            bytes += (size + InstallEstimate.BlockBytes - 1) / InstallEstimate.BlockBytes * InstallEstimate.BlockBytes;
            files++;
        }

        return (bytes, files);
    }

    public void Begin()
    {
        foreach (string name in (string[])["alternatives", "info", "parts", "triggers", "updates"])
            target.MakeDirectory($"{PackageDatabase.Directory}/{name}");
        target.WriteText(Info + "/format", database.Read("info/format") is { Length: > 0 } format ? format : "1\n");
    }

    /// <summary>Writes a package's file list, checksums and maintainer scripts for the zone's dpkg.</summary>
    public void Register(PackageRecord package)
    {
        foreach (string name in database.InfoFilesOf(package))
        {
            string path = $"{Info}/{name}";
            target.WriteFile(path, source.ReadBytes(path) ?? [], (int)(source.Stat(path)?.Mode ?? 0x1A4));
        }
    }

    /// <summary>Writes the diversions, overrides and triggers of the chosen packages, and then the status file.</summary>
    public void Finish(IEnumerable<PackageRecord> order)
    {
        Write(
            "diversions",
            Lines(database.Diversions.Where(d => d.By == ":" || _names.Contains(d.By)).SelectMany(d => (string[])[d.Path, d.To, d.By])));
        Write(
            "statoverride",
            Lines(database.Read("statoverride").Split('\n').Where(l => l.Split(' ', 4) is [_, _, _, { } path] && target.Exists(path))));
        foreach (string name in source.List(PackageDatabase.Directory + "/triggers").Where(n => n is not ("Lock" or "Unincorp")))
            WriteTriggers(name);
        Write("triggers/Unincorp", "");
        Write("available", "");
        Write("lock", "", 0x1A0);
        Write("lock-frontend", "", 0x1A0);
        Write("status", string.Concat(order.Select(p => p.Text + "\n\n")));
    }

    private void WriteTriggers(string name)
    {
        // Lines of the file File: "PATH PACKAGE[:ARCHITECTURE][/noawait]". Lines of files that are named after a trigger: the package
        // alone.
        string[] kept = [.. database.Read("triggers/" + name).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(l => _names.Contains(l[(l.LastIndexOf(' ') + 1)..].Split('/', ':')[0]))];
        if (kept.Length > 0 || name == "File")
            Write("triggers/" + name, Lines(kept));
    }

    private void Write(string name, string content, int mode = 0x1A4) =>
        target.WriteText($"{PackageDatabase.Directory}/{name}", content, mode);

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(l => l + "\n"));
}
