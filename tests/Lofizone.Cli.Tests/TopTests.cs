using Lofizone.Accounting;
using Lofizone.Cli.Verbs;
using Spectre.Console;

namespace Lofizone.Cli.Tests;

/// <summary>The lines of <c>zone top</c>.</summary>
public sealed class TopTests
{
    private static readonly UsageInterval _interval = new()
    {
        At = new DateTimeOffset(2026, 11, 27, 22, 0, 5, TimeSpan.Zero),
        Seconds = 2,
        Cpus = 4,
        CpusOnline = 4,
        Capacity = new Dictionary<Resource, double> { [Resource.Cpu] = 4, [Resource.PhysicalMemory] = 2048e6, [Resource.Swap] = 0 },
        Total = Row("[total]", 2, 500, 0, null),
        System = Row("[system]", 0, 1, 0, null),
        Global = Row("global", 1, 200, 0, null),
        Zones = [Row("busy", 0.9, 10, 100, 1), Row("idle", 0.01, 290, 4000, 0.5)],
    };

    [Theory]
    [InlineData("cpu", "global busy idle")]
    [InlineData("memory", "idle global busy")]
    [InlineData("io", "idle busy global")]
    [InlineData("cap", "busy idle global")]
    [InlineData("name", "busy global idle")]
    public void The_largest_stands_first(string sort, string order) =>
        Assert.Equal(order, string.Join(' ', TopTable.Sorted(_interval, sort).Select(r => r.Name)));

    [Fact]
    public void Without_a_terminal_there_are_plain_lines()
    {
        StringWriter text = new() { NewLine = "\n" };
        TopTable.Write(_interval, "cpu", text);
        Assert.Equal(
            """
            22:00:05 UTC, 2 zones, 4 CPUs 50.0% busy, memory 476M of 1953M, swap - of 0, - processes
            NAME               CPU   %CPU  %CAP    MEM   %MEM  %CAP   SWAP  PROC   LWP  NET/s   IO/s
            global            1.00  25.0%     -   190M  9.76%     -      -     -     -      -      -
            busy              0.90  22.5% 90.0%  9765K  0.48%     -      -     -     -      -  48.8K
            idle              0.01  0.25% 2.00%   276M  14.1%     -      -     -     -      -  1953K

            """,
            text.ToString());
    }

    [Fact]
    public void On_a_terminal_lines_fit_and_a_zone_at_its_cap_is_red()
    {
        StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.Standard, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 80;
        console.Write(TopTable.LiveLines(_interval, "memory", 80, 6));
        string[] lines = text.ToString().TrimEnd().Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Contains("q quits; sort: c cpu [m]memory s swap p procs l lwps t net i io x cap n name", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("idle", lines[3], StringComparison.Ordinal);
        text.GetStringBuilder().Clear();
        console.Write(TopTable.LiveLines(_interval, "cap", 80, 6));
        Assert.StartsWith("\e[91mbusy", text.ToString().Split('\n')[3], StringComparison.Ordinal);
    }

    private static UsageRow Row(string name, double cpu, double megabytes, double kilobytes, double? cap) => new(name, new Dictionary<Resource, Amount>
    {
        [Resource.Cpu] = new(cpu, cap),
        [Resource.PhysicalMemory] = new(megabytes * 1e6),
        [Resource.ImageRead] = new(kilobytes * 600),
        [Resource.ImageWritten] = new(kilobytes * 400),
    }.Where(a => kilobytes > 0 || a.Key is Resource.Cpu or Resource.PhysicalMemory).ToDictionary());
}
