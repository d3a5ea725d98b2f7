namespace Lofizone.Install.Dpkg;

/// <summary>A diversion (dpkg-divert(1)): whoever else ships <paramref name="Path"/> finds it at <paramref name="To"/>.</summary>
/// <param name="Path">The diverted path.</param>
/// <param name="To">Where other packages' versions of the file lie.</param>
/// <param name="By">The package whose own version keeps the path; ":" for one made by the administrator.</param>
internal sealed record Diversion(string Path, string To, string By)
{
    /// <summary>Reads /var/lib/dpkg/diversions: three lines each.</summary>
    public static IReadOnlyList<Diversion> Parse(string file)
    {
        string[] lines = file.Split('\n');
        List<Diversion> diversions = [];
        for (int i = 0; i + 2 < lines.Length; i += 3)
            diversions.Add(new Diversion(lines[i], lines[i + 1], lines[i + 2]));
        return diversions;
    }
}
