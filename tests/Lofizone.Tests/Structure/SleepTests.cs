using System.Text.RegularExpressions;
using Lofizone.Testing.Hosts;

namespace Lofizone.Tests.Structure;

/// <summary>Tests wait for events. Where there is no event, the reason is written beside the sleep.</summary>
public sealed partial class SleepTests
{
    private const int LinesAbove = 3;

    [Fact]
    public void A_sleep_in_a_test_says_why()
    {
        string root = Path.Combine(HostCleanup.RepositoryRoot(), "tests");
        List<string> silent = [];
        int sleeps = 0;
        foreach (string file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)))
        {
            string[] lines = File.ReadAllLines(file);
            for (int i = 0; i < lines.Length; i++)
            {
                if (!Sleep().IsMatch(lines[i]) || NoSleep().IsMatch(lines[i]))
                    continue;
                sleeps++;
                if (!lines[Math.Max(0, i - LinesAbove)..i].Any(l => l.TrimStart().StartsWith("//", StringComparison.Ordinal)))
                    silent.Add($"{Path.GetRelativePath(root, file)}:{i + 1}");
            }
        }

        Assert.NotEqual(0, sleeps);
        Assert.Equal([], silent);
    }

    [GeneratedRegex(@"\b(Task\.Delay|Thread\.Sleep)\(")]
    private static partial Regex Sleep();

    /// <summary>Exceptions: waits that never end, deadlines of other waits, and sleeps in simulated time.</summary>
    [GeneratedRegex(@"Timeout\.Infinite|WhenAny|cheduler\.Time\)")]
    private static partial Regex NoSleep();
}
