namespace Lofizone.Install.Dpkg;

/// <summary>One alternative of a dependency with the version it asks for (deb-control(5)): <c>libc6 (&gt;= 2.36)</c>.</summary>
/// <param name="Name">Package, without architecture.</param>
/// <param name="Relation"><c>&lt;&lt; &lt;= = &gt;= &gt;&gt;</c>, or null when any version does.</param>
/// <param name="Version">The version; null with the relation.</param>
internal sealed record VersionedName(string Name, string? Relation, string? Version)
{
    /// <summary>The alternatives of an entry as it is written.</summary>
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
