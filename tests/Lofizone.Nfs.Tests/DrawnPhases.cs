using System.Text.RegularExpressions;
using Lofizone.Testing.Hosts;

namespace Lofizone.Nfs.Tests;

/// <summary>The pictures of phases in ARCHITECTURE.md.</summary>
internal static partial class DrawnPhases
{
    /// <summary>The arrows of a picture, and an arrow from each phase to the end. The text beside the picture tells of the end.</summary>
    /// <param name="first">The first phase of the picture.</param>
    /// <param name="end">The end, which the picture does not show.</param>
    public static HashSet<(TPhase From, TPhase To)> Of<TPhase>(TPhase first, TPhase end)
        where TPhase : struct, Enum
    {
        string text = File.ReadAllText(Path.Combine(HostCleanup.RepositoryRoot(), "ARCHITECTURE.md"));
        int start = text.IndexOf($"[*] --> {first}", StringComparison.Ordinal);
        text = text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
        HashSet<(TPhase From, TPhase To)> arrows =
            [.. Arrow().Matches(text).Select(arrow => (Parse<TPhase>(arrow.Groups[1]), Parse<TPhase>(arrow.Groups[2])))];
        TPhase[] drawn = [.. Enum.GetValues<TPhase>().Where(phase => !phase.Equals(end))];
        Assert.Equal(drawn, arrows.SelectMany(arrow => new[] { arrow.From, arrow.To }).Distinct().Order());
        return [.. arrows, .. drawn.Select(phase => (phase, end))];
    }

    private static TPhase Parse<TPhase>(Group name)
        where TPhase : struct, Enum => Enum.Parse<TPhase>(name.Value);

    [GeneratedRegex(@"^    (\w+) --> (\w+)( :.*)?$", RegexOptions.Multiline)]
    private static partial Regex Arrow();
}
