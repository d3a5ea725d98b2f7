using System.Buffers;

namespace Lofizone.Install.Dpkg;

/// <summary>
/// One entry of a dependency field (deb-control(5)): alternatives of which one suffices. Versions are not kept, because the global zone's
/// dpkg has checked them, and all packages come from the global zone.
/// </summary>
/// <param name="Alternatives">Package names, without version and architecture; at least one.</param>
/// <param name="Text">The entry's text, for messages.</param>
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
