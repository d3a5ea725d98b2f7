using System.Buffers;

namespace Lofizone.Install.Dpkg;

/// <summary>
/// One entry of a dependency field (deb-control(5)): alternatives of which one is enough. Versions are not kept: the global zone's dpkg has
/// checked them, and all packages come from there.
/// </summary>
/// <param name="Alternatives">Package names, without version and architecture; at least one.</param>
/// <param name="Text">The entry as written, for messages.</param>
internal sealed record Relation(IReadOnlyList<string> Alternatives, string Text)
{
    private static readonly SearchValues<char> _endsOfName = SearchValues.Create(" \t\n([<:");

    public static IReadOnlyList<Relation> ParseList(string? field)
    {
        List<Relation> relations = [];
        foreach (string entry in (field ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] names = [.. entry.Split('|', StringSplitOptions.TrimEntries).Select(NameOf).Where(n => n.Length > 0)];
            if (names.Length > 0)
                relations.Add(new Relation(names, entry));
        }

        return relations;
    }

    private static string NameOf(string alternative)
    {
        int end = alternative.AsSpan().IndexOfAny(_endsOfName);
        return end < 0 ? alternative : alternative[..end];
    }
}
