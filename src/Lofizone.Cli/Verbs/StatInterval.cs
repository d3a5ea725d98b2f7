using System.Text.Json.Serialization;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Measures;
using Lofizone.Observation;

namespace Lofizone.Cli.Verbs;

/// <summary>An interval in the output of <c>zone stat --json</c>, one line.</summary>
internal sealed record StatInterval(DateTimeOffset At, IReadOnlyList<StatZone> Zones)
{
    public static StatInterval Of(IReadOnlyList<DeviceSample> samples) =>
        new(samples.Count > 0 ? samples.Max(s => s.At) : TimeProvider.System.GetUtcNow(), [.. samples.Select(StatZone.Of)]);
}

/// <summary>A zone in an interval: the counters of its layers.</summary>
internal sealed record StatZone
{
    public string? Zone { get; init; }

    public string? State { get; init; }

    public string? Device { get; init; }

    public string? File { get; init; }

    /// <summary>Length of the interval in seconds; without an interval the age of the device.</summary>
    public double Seconds { get; init; }

    /// <summary>The problem; absent when there is none.</summary>
    public string? Problem { get; init; }

    /// <summary>State of the engine at the end of the interval. Its counters cover the time since the engine's start.</summary>
    public EngineStatus? Engine { get; init; }

    public string? SlowestLayer { get; init; }

    public IReadOnlyList<StatOperation> Operations { get; init; } = [];

    public static StatZone Of(DeviceSample s) => new()
    {
        Zone = s.Zone,
        State = s.State,
        Device = s.Device,
        File = s.File,
        Seconds = s.Seconds,
        Problem = s.Problem,
        Engine = s.Engine?.Status,
        SlowestLayer = Measures.SlowestLayer.Of(s)?.Layer,
        Operations =
        [
            .. s.Loop is { } loop
                ? (StatOperation[])[Of("READ", loop.Read), Of("WRITE", loop.Write), Of("DISCARD", loop.Discard), Of("FLUSH", loop.Flush)]
                : [],
            .. (s.Engine?.Fuse ?? []).Select(o => Of("fuse", o)), .. (s.Engine?.Engine ?? []).Select(o => Of("engine", o)),
            .. (s.Engine?.Nfs ?? []).Select(o => Of("nfs", o)), .. (s.Engine?.Paths ?? []).Select(o => Of("path", o)),
        ],
    };

    private static StatOperation Of(string name, LoopOperation o) =>
        new("loop", name, o.Count, null, o.Bytes, o.Count > 0 ? (double)o.SumNanoseconds / o.Count : 0, null, null, null, null);

    private static StatOperation Of(string layer, OperationFigures o) => new(
        layer, o.Name, o.Count, o.Failures, o.Bytes, o.Latency.MeanNanoseconds, o.Latency.Quantile(0.5), o.Latency.Quantile(0.99),
        o.Latency.Quantile(0.999), o.Latency.MaxNanoseconds);
}

/// <summary>One kind of operation at one layer. Times are in nanoseconds, and absent where the layer has none.</summary>
internal sealed record StatOperation(
    string Layer, string Name, long Count, long? Failures, long Bytes, double MeanNanoseconds, long? P50Nanoseconds, long? P99Nanoseconds,
    long? P999Nanoseconds, long? MaxNanoseconds);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatInterval))]
internal sealed partial class StatJson : JsonSerializerContext;
