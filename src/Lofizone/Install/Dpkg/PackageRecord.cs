namespace Lofizone.Install.Dpkg;

/// <summary>One package of dpkg's status file (deb-status fields as in dpkg(1) and deb-control(5)).</summary>
internal sealed record PackageRecord
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    public required string Architecture { get; init; }

    /// <summary>The third word of Status: "installed", "half-installed", "config-files", …</summary>
    public required string State { get; init; }

    public bool IsEssential { get; init; }

    /// <summary>"required", "important", "standard", "optional" or "extra"; empty when the package names none.</summary>
    public required string Priority { get; init; }

    /// <summary>Entries of Pre-Depends, each a list of alternatives.</summary>
    public required IReadOnlyList<Relation> PreDepends { get; init; }

    public required IReadOnlyList<Relation> Depends { get; init; }

    /// <summary>Names of the virtual packages that the package provides.</summary>
    public required IReadOnlyList<string> Provides { get; init; }

    /// <summary>Configuration files, each with the MD5 sum of the package's version, in hexadecimal.</summary>
    public required IReadOnlyDictionary<string, string> Conffiles { get; init; }

    /// <summary>The paragraph's text in the status file.</summary>
    public required string Text { get; init; }

    public bool IsInstalled => State == "installed";

    /// <summary>The package is neither installed nor removed: dpkg was interrupted, or a maintainer script failed.</summary>
    public bool IsBroken => State is not ("installed" or "config-files" or "not-installed");

    public bool IsRequired => IsEssential || Priority is "required" or "important";

    /// <summary>Parses a paragraph. Null when the paragraph describes no package.</summary>
    public static PackageRecord? Parse(ControlParagraph paragraph)
    {
        if (paragraph["Package"] is not { Length: > 0 } name || paragraph["Status"] is not { } status)
            return null;
        return new PackageRecord
        {
            Name = name,
            Version = paragraph["Version"] ?? "",
            Architecture = paragraph["Architecture"] ?? "",
            State = status.Split(' ', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "",
            IsEssential = paragraph["Essential"] == "yes",
            Priority = paragraph["Priority"] ?? "",
            PreDepends = Relation.ParseList(paragraph["Pre-Depends"]),
            Depends = Relation.ParseList(paragraph["Depends"]),
            Provides = [.. Relation.ParseList(paragraph["Provides"]).Select(r => r.Alternatives[0])],
            Conffiles = ParseConffiles(paragraph["Conffiles"]),
            Text = paragraph.Text,
        };
    }

    private static Dictionary<string, string> ParseConffiles(string? field)
    {
        Dictionary<string, string> conffiles = new(StringComparer.Ordinal);
        foreach (string line in (field ?? "").Split('\n'))
        {
            // The form is " /path md5 [obsolete|remove-on-upgrade]". An obsolete file does not belong to the package any more.
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 2)
                conffiles[words[0]] = words[1];
        }

        return conffiles;
    }
}
