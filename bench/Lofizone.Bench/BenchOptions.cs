using System.Globalization;
using Lofizone.Nfs.Options;

namespace Lofizone.Bench;

/// <summary>What one run measures and where, from the command line that <c>scripts/bench</c> writes.</summary>
public sealed record BenchOptions
{
    /// <summary>Directory with the <c>zone</c> binary and its Solaris names.</summary>
    public required string Bin { get; init; }

    /// <summary>URI of the share on the one server that every row uses.</summary>
    public required string Share { get; init; }

    /// <summary>The share's directory as the server names it to NFSv3 clients, which is also its path on this machine.</summary>
    public required string ShareDirectory { get; init; }

    /// <summary>Throw-away directory for host roots, mount points and logs.</summary>
    public required string Work { get; init; }

    /// <summary>A procfs that shows the kernel's threads.</summary>
    public string Proc { get; init; } = "/proc";

    /// <summary>File that gets the figures as JSON.</summary>
    public required string Json { get; init; }

    /// <summary>Runs per row; the median counts.</summary>
    public int Repeats { get; init; } = 3;

    /// <summary>Seconds that fio measures per row and run.</summary>
    public int Seconds { get; init; } = 5;

    /// <summary>Configured zones for <c>zone list</c>.</summary>
    public int Zones { get; init; } = 1000;

    /// <summary>Suites to run: <c>io</c>, <c>files</c>, <c>list</c>, <c>zone</c>.</summary>
    public IReadOnlySet<string> Suites { get; init; } = new HashSet<string> { "io", "files", "list", "zone" };

    /// <summary>Connections of our engine to the server.</summary>
    public int Connections { get; init; } = NfsClientOptions.DefaultConnections;

    /// <summary>Rows of the suite <c>io</c>, see <see cref="FioRow.Key"/>.</summary>
    public IReadOnlySet<string> Rows { get; init; } = FioRow.All.Select(row => row.Key).ToHashSet();

    /// <exception cref="LofizoneException">An option is unknown, lacks its value, or has one out of range.</exception>
    public static BenchOptions Parse(string[] arguments)
    {
        Dictionary<string, string> values = [];
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == arguments.Length)
                throw new LofizoneException($"{arguments[i]}: not an option with a value");
            values[arguments[i][2..]] = arguments[i + 1];
        }

        BenchOptions defaults = new() { Bin = Take("bin"), Share = Take("share"), ShareDirectory = Take("share-directory"), Work = Take("work"), Json = Take("json") };
        BenchOptions options = defaults with
        {
            Repeats = Number("repeats", defaults.Repeats, 1, 99),
            Seconds = Number("seconds", defaults.Seconds, 1, 600),
            Connections = Number("connections", defaults.Connections, 1, NfsClientOptions.ConnectionsLimit),
            Zones = Number("zones", defaults.Zones, 1, 100_000),
            Proc = values.Remove("proc", out string? proc) ? proc : defaults.Proc,
            Suites = values.Remove("suites", out string? suites) ? suites.Split(',').ToHashSet() : defaults.Suites,
            Rows = values.Remove("rows", out string? rows) ? rows.Split(',').ToHashSet() : defaults.Rows,
        };
        if (options.Rows.Except(defaults.Rows).FirstOrDefault() is { } row)
            throw new LofizoneException($"--rows {row}: unknown", "name some of " + string.Join(',', defaults.Rows));
        if (options.Suites.Except(defaults.Suites).FirstOrDefault() is { } unknown)
            throw new LofizoneException($"--suites {unknown}: unknown", "name some of io,files,list,zone");
        return values.Count == 0 ? options : throw new LofizoneException($"--{values.Keys.First()}: unknown option");

        string Take(string name) => values.Remove(name, out string? value) ? value : throw new LofizoneException($"--{name} is missing", "start the benchmarks with make bench");

        int Number(string name, int otherwise, int lowest, int highest)
        {
            if (!values.Remove(name, out string? text))
                return otherwise;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= lowest && number <= highest
                ? number
                : throw new LofizoneException($"--{name} {text}: not a number from {lowest} to {highest}");
        }
    }
}
