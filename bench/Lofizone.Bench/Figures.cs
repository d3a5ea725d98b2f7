using System.Text.Json.Serialization;

namespace Lofizone.Bench;

/// <summary>Everything one run found; written as JSON and printed as tables.</summary>
public sealed record Figures(MachineFacts Machine)
{
    public List<IoFigures> Io { get; } = [];

    public EngineMemory? Memory { get; set; }

    public SmallFiles? SmallFiles { get; set; }

    public List<Timing> Times { get; } = [];
}

/// <summary>One kind of command, timed from its start to its end.</summary>
/// <param name="What">The command.</param>
/// <param name="Milliseconds">Its runs, in the order they were made.</param>
public sealed record Timing(string What, IReadOnlyList<double> Milliseconds);

public static class Statistics
{
    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Figures))]
internal sealed partial class FiguresJson : JsonSerializerContext;
