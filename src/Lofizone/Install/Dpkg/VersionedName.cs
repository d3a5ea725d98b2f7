namespace Lofizone.Install.Dpkg;

/// <summary>One alternative of a dependency, with the required version (deb-control(5)): <c>libc6 (&gt;= 2.36)</c>.</summary>
/// <param name="Name">Name of the package, without architecture.</param>
/// <param name="Relation"><c>&lt;&lt; &lt;= = &gt;= &gt;&gt;</c>; null when any version is accepted.</param>
/// <param name="Version">The version; null when the relation is null.</param>
internal sealed record VersionedName(string Name, string? Relation, string? Version)
{
    /// <summary>Parses the alternatives of an entry's text.</summary>
    public static IReadOnlyList<VersionedName> ParseAlternatives(string entry) =>
        [.. entry.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    public bool IsSatisfiedBy(string version) => Relation is null || PackageVersion.Satisfies(version, Relation, Version!);

    private static VersionedName Parse(string text)
    {
        int open = text.IndexOf('('), close = text.IndexOf(')');
        string name = (open < 0 ? text : text[..open]).Split([' ', '\t', '\n', '[', '<', ':'], 2)[0];
        if (open < 0 || close < open)
            return new VersionedName(name, null, null);
        string inside = text[(open + 1)..close].Trim();
        int end = inside.AsSpan().IndexOfAnyExcept("<>=");
        return end <= 0 ? new VersionedName(name, null, null) : new VersionedName(name, inside[..end], inside[end..].Trim());
    }
}
