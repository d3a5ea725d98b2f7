using System.Text.Json.Serialization;

namespace Lofizone.Bench;

/// <summary>Everything one run found; written as JSON and printed as tables.</summary>
public sealed record Figures(MachineFacts Machine)
{
    public List<Comparison> Io { get; } = [];

    public List<Timing> Times { get; } = [];
}

/// <summary>One row measured on both paths.</summary>
/// <param name="Row">What fio did.</param>
/// <param name="Unit"><c>MB/s</c> (10^6 bytes) or <c>IOPS</c>; more is better.</param>
/// <param name="Ours">Our path's runs, in the order they were made.</param>
/// <param name="Peer">The peer's.</param>
public sealed record Comparison(string Row, string Unit, IReadOnlyList<double> Ours, IReadOnlyList<double> Peer)
{
    public double Ratio => Statistics.Median(Ours) / Statistics.Median(Peer);
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
