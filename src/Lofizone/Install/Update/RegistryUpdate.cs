using Lofizone.Install.Dpkg;
using Lofizone.Install.Trees;

namespace Lofizone.Install.Update;

/// <summary>Updates dpkg's database in a zone for the replaced and added packages. All other packages keep their entries.</summary>
internal sealed class RegistryUpdate(
    SourceTree global, PackageDatabase host, SourceTree zone, PackageDatabase zonePackages, TargetTree target,
    IReadOnlyList<PackageRecord> chosen)
{
    private const string Info = PackageDatabase.Directory + "/info";
    private const string Triggers = PackageDatabase.Directory + "/triggers";

    private readonly HashSet<string> _names = [.. chosen.Select(p => p.Name)];

    public void Run()
    {
        // The old state is read before anything is written.
        string status = Status();
        string? diversions = Diversions();
        foreach (PackageRecord package in chosen)
            Replace(package);
        foreach (string name in global.List(Triggers).Concat(zone.List(Triggers)).Distinct().Where(n => n is not ("Lock" or "Unincorp"))
            .ToArray())
            MergeTriggers(name);
        if (diversions is not null)
            target.WriteText($"{PackageDatabase.Directory}/diversions", diversions);
        target.WriteText($"{PackageDatabase.Directory}/status", status);
    }

    private string Status()
    {
        Dictionary<string, PackageRecord> left = chosen.ToDictionary(p => p.Name, StringComparer.Ordinal);
        List<string> paragraphs = [];
        foreach (ControlParagraph paragraph in ControlParagraph.Split(zonePackages.Read("status")))
        {
            PackageRecord? old = PackageRecord.Parse(paragraph);
            bool ours = old is not null && left.ContainsKey(old.Name)
                && (old.Architecture == host.Architecture || old.Architecture == "all" || !old.IsInstalled);
            if (!ours)
                paragraphs.Add(paragraph.Text);
            else if (left.Remove(old!.Name, out PackageRecord? replacement))
                paragraphs.Add(WithObsolete(replacement, ConffileRules.Obsolete(old.IsInstalled ? old : null, replacement)));
        }

        return string.Concat(paragraphs.Concat(left.Values.Select(p => p.Text)).Select(p => p + "\n\n"));
    }

    private static string WithObsolete(PackageRecord package, IReadOnlyList<KeyValuePair<string, string>> obsolete)
    {
        if (obsolete.Count == 0)
            return package.Text;
        string lines = string.Concat(obsolete.Select(o => $"\n {o.Key} {o.Value} obsolete"));
        const string Field = "\nConffiles:";
        int at = package.Text.IndexOf(Field, StringComparison.Ordinal);
        return at < 0 ? $"{package.Text}{Field}{lines}" : package.Text.Insert(at + Field.Length, lines);
    }

    private void Replace(PackageRecord package)
    {
        PackageRecord? old = zonePackages.IsInstalled(package.Name) ? zonePackages.Find(package.Name) : null;
        foreach (string name in old is null ? [] : zonePackages.InfoFilesOf(old))
            target.RemoveFile($"{Info}/{name}");
        IReadOnlyList<KeyValuePair<string, string>> obsolete = ConffileRules.Obsolete(old, package);
        foreach (string name in host.InfoFilesOf(package))
        {
            string path = $"{Info}/{name}";
            byte[] content = global.ReadBytes(path) ?? [];
            if (name.EndsWith(".list", StringComparison.Ordinal) && obsolete.Count > 0)
                content = [.. content, .. System.Text.Encoding.UTF8.GetBytes(string.Concat(obsolete.Select(o => o.Key + "\n")))];
            target.WriteFile(path, content, (int)(global.Stat(path)?.Mode ?? 0x1A4));
        }
    }

    /// <summary>Merges the triggers: those of updated packages from the global zone, those of all other packages from the zone.</summary>
    private void MergeTriggers(string name)
    {
        string[] before = Lines(zone.ReadText($"{Triggers}/{name}"));
        string[] kept = [.. before.Where(l => !IsUpdated(l)), .. Lines(global.ReadText($"{Triggers}/{name}")).Where(IsUpdated)];
        if (kept.SequenceEqual(before))
            return;
        if (kept.Length == 0 && name != "File")
            target.RemoveFile($"{Triggers}/{name}");
        else
            target.WriteText($"{Triggers}/{name}", string.Concat(kept.Select(l => l + "\n")));
    }

    /// <summary>
    /// True for a trigger line of an updated package: "PATH PACKAGE[:ARCHITECTURE][/noawait]" in the file File, and the package alone in
    /// files that are named after a trigger.
    /// </summary>
    private bool IsUpdated(string line) => _names.Contains(line[(line.LastIndexOf(' ') + 1)..].Split('/', ':')[0]);

    /// <summary>Diversions by added packages; null when there are none.</summary>
    private string? Diversions()
    {
        Diversion[] more = [.. host.Diversions.Where(d => _names.Contains(d.By) && !zonePackages.Diversions.Any(z => z.Path == d.Path))];
        return more.Length == 0 ? null : string.Concat(zonePackages.Diversions.Concat(more).Select(d => $"{d.Path}\n{d.To}\n{d.By}\n"));
    }

    private static string[] Lines(string? text) => (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
