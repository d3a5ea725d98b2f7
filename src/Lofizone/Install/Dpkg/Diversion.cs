namespace Lofizone.Install.Dpkg;

/// <summary>A diversion (dpkg-divert(1)): the file <paramref name="Path"/> of all packages but one lies at <paramref name="To"/>.</summary>
/// <param name="Path">The diverted path.</param>
/// <param name="To">Path of the file of all other packages.</param>
/// <param name="By">The package whose own file keeps the path; ":" for a diversion of the administrator.</param>
internal sealed record Diversion(string Path, string To, string By)
{
    /// <summary>Parses /var/lib/dpkg/diversions: three lines for each diversion.</summary>
    public static IReadOnlyList<Diversion> Parse(string file)
    {
        string[] lines = file.Split('\n');
        List<Diversion> diversions = [];
        for (int i = 0; i + 2 < lines.Length; i += 3)
            diversions.Add(new Diversion(lines[i], lines[i + 1], lines[i + 2]));
        return diversions;
    }
}
