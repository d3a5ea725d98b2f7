using Lofizone.Config;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>The report of changes of a running zone's configuration, one line each.</summary>
internal static class LiveReport
{
    public static void Print(string zone, LiveChanges changes, bool isDry, TextWriter output)
    {
        foreach (ConfigChange change in changes.Applied)
            output.WriteLine($"{zone}: {(isDry ? "Would apply" : "Applied")} {change.Text}");
        foreach (ConfigChange change in changes.Waiting)
            output.WriteLine($"{zone}: Waits for the next boot: {change.Text}");
        if (changes.Applied.Count + changes.Waiting.Count == 0)
            output.WriteLine($"{zone}: No changes to apply");
    }
}
