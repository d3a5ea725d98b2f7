namespace Lofizone.Measures;

/// <summary>Names the layer that takes most of the time, and explains the consequence.</summary>
/// <param name="Layer">The layer, one of the names in <see cref="LayerTimes"/>.</param>
/// <param name="Kind">The kind of request that the device spent most time on.</param>
/// <param name="OwnNanoseconds">The layer's own part of a request's mean time.</param>
/// <param name="TotalNanoseconds">A request's mean time at the device.</param>
/// <param name="Meaning">The meaning and the remedy.</param>
public sealed record SlowestLayer(string Layer, string Kind, double OwnNanoseconds, double TotalNanoseconds, string Meaning)
{
    /// <summary>The slowest layer; null after too few requests.</summary>
    public static SlowestLayer? Of(DeviceSample sample)
    {
        LayerTimes? busiest = LayerTimes.Of(sample).MaxBy(t => t.Count * t.Layers[0].MeanNanoseconds);
        return busiest?.Layers.MaxBy(l => l.OwnNanoseconds) is { } slowest
            ? new SlowestLayer(
                slowest.Layer, busiest.Kind, slowest.OwnNanoseconds, busiest.Layers[0].MeanNanoseconds, Advice(slowest.Layer, busiest.Kind))
            : null;
    }

    /// <summary>The result as one line for people.</summary>
    public override string ToString() =>
        $"{Layer}: {DurationText.Of(OwnNanoseconds)} of the {DurationText.Of(TotalNanoseconds)} that a {Kind} takes on the average; "
        + $"{Meaning}";

    private static string Advice(string layer, string kind) => layer switch
    {
        LayerTimes.Server => kind is "FLUSH" or "WRITE"
            ? "the server's storage is slow to write: look at its disks and load there, and whether the export is sync on slow disks "
                + "without a write cache"
            : "the server takes long to answer: look at its disks, memory and load there",
        LayerTimes.Network =>
            "the way to the server is long: measure it with ping, look for a slow or crowded link; fewer, larger requests suffer less",
        LayerTimes.Engine =>
            "requests wait in the engine for a free slot of the session or for room for uncommitted data: see in flight and slots; a "
            + "server that allows more slots helps",
        LayerTimes.Fuse => "the engine's process is not given the CPU in time: look at the load of this host",
        _ => "requests wait in this host's block layer before the engine gets them: many are queued at once, or the host's CPUs are busy",
    };
}
