using Lofizone.Install.Trees;

namespace Lofizone.Install.State;

/// <summary>
/// The alternatives system (update-alternatives(1)) of the zone: each group with the choices that exist in the zone, in automatic mode. So
/// the choice of the highest priority counts, whatever the global zone's administrator has chosen for the machine.
/// </summary>
internal static class Alternatives
{
    private const string Database = "/var/lib/dpkg/alternatives";
    private const string Links = "/etc/alternatives";

    /// <summary>Makes all groups, and returns their number.</summary>
    public static int Make(SourceTree source, TargetTree target)
    {
        int groups = 0;
        foreach (string name in source.List(Database))
        {
            if (AlternativeGroup.Parse(source.ReadText($"{Database}/{name}") ?? "") is not { } group)
                continue;
            AlternativeGroup kept = group with { Choices = [.. group.Choices.Where(c => target.Exists(c.Path))] };
            if (kept.Choices.MaxBy(c => c.Priority) is not { } best)
                continue;
            target.WriteText($"{Database}/{name}", kept.ToString());
            Point(target, name, kept.Link, best.Path);
            for (int i = 0; i < kept.Slaves.Count; i++)
            {
                if (best.Slaves[i].Length > 0 && target.Exists(best.Slaves[i]))
                    Point(target, kept.Slaves[i].Name, kept.Slaves[i].Link, best.Slaves[i]);
            }

            groups++;
        }

        return groups;
    }

    private static void Point(TargetTree target, string name, string link, string path)
    {
        target.Link($"{Links}/{name}", path);
        target.Link(link, $"{Links}/{name}");
    }
}

/// <summary>One file of dpkg's alternatives directory.</summary>
/// <param name="Link">The master link, for example /usr/bin/awk.</param>
/// <param name="Slaves">Names and links of the slaves, which follow the master.</param>
internal sealed record AlternativeGroup(
    string Link, IReadOnlyList<(string Name, string Link)> Slaves, IReadOnlyList<AlternativeChoice> Choices)
{
    /// <summary>Parses a file. Null when the text has not this form; the group is then left out.</summary>
    public static AlternativeGroup? Parse(string text)
    {
        string[] lines = text.Split('\n');
        if (lines.Length < 4 || lines[0] is not ("auto" or "manual"))
            return null;
        int i = 2;
        List<(string, string)> slaves = [];
        for (; i + 1 < lines.Length && lines[i].Length > 0; i += 2)
            slaves.Add((lines[i], lines[i + 1]));
        List<AlternativeChoice> choices = [];
        for (i++; i + 1 + slaves.Count < lines.Length && lines[i].Length > 0; i += 2 + slaves.Count)
        {
            if (!int.TryParse(lines[i + 1], System.Globalization.CultureInfo.InvariantCulture, out int priority))
                return null;
            choices.Add(new AlternativeChoice(lines[i], priority, lines[(i + 2)..(i + 2 + slaves.Count)]));
        }

        return new AlternativeGroup(lines[1], slaves, choices);
    }

    public override string ToString()
    {
        IEnumerable<string> lines = ((string[])["auto", Link]).Concat(Slaves.SelectMany(s => (string[])[s.Name, s.Link])).Append("")
            .Concat(Choices.SelectMany(c =>
                ((string[])[c.Path, c.Priority.ToString(System.Globalization.CultureInfo.InvariantCulture)]).Concat(c.Slaves)))
            .Append("");
        return string.Join('\n', lines) + "\n";
    }
}

/// <param name="Slaves">One path per slave of the group; empty where this choice has none.</param>
internal sealed record AlternativeChoice(string Path, int Priority, IReadOnlyList<string> Slaves);
