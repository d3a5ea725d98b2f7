using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Observation;

namespace Lofizone.Measures;

/// <summary>
/// Mean times of one kind of request at each layer of a device. They show which layer takes the time: a layer's own part is its time minus
/// the time of the layer below.
/// </summary>
/// <param name="Kind">READ, WRITE, FLUSH or DISCARD: the device's names.</param>
/// <param name="Count">Number of the device's requests.</param>
/// <param name="Layers">The layers from the device down to the server; layers without figures are left out.</param>
public sealed record LayerTimes(string Kind, long Count, IReadOnlyList<LayerTime> Layers)
{
    public const string Loop = "loop device", Fuse = "FUSE", Engine = "engine", Network = "network", Server = "server";

    /// <summary>Number of requests below which a mean says nothing.</summary>
    private const long CountLimit = 10;

    /// <summary>Names of each kind of request at the loop device, in FUSE, in the engine and in NFS.</summary>
    private static readonly (string Loop, string Fuse, string Engine, string Nfs)[] _kinds =
    [
        ("READ", "READ", "READ", "READ"), ("WRITE", "WRITE", "WRITE", "WRITE"), ("FLUSH", "FSYNC", "FLUSH", "COMMIT"),
        ("DISCARD", "FALLOCATE", "PUNCH", "DEALLOCATE"),
    ];

    /// <summary>All kinds with enough requests.</summary>
    public static IReadOnlyList<LayerTimes> Of(DeviceSample sample) =>
        sample.Engine is null || sample.Loop is null ? [] : [.. _kinds.Select(k => Of(sample, k)).OfType<LayerTimes>()];

    private static LayerTimes? Of(DeviceSample sample, (string Loop, string Fuse, string Engine, string Nfs) kind)
    {
        EngineStatistics engine = sample.Engine!;
        LoopOperation loop = kind.Loop switch
        {
            "READ" => sample.Loop!.Read,
            "WRITE" => sample.Loop!.Write,
            "FLUSH" => sample.Loop!.Flush,
            _ => sample.Loop!.Discard,
        };
        OperationFigures? fuse = Find(engine.Fuse, kind.Fuse), store = Find(engine.Engine, kind.Engine), nfs = Find(engine.Nfs, kind.Nfs);
        if (loop.Count < CountLimit || fuse is null || store is null)
            return null;

        // One layer may count a request that the next layer has not counted yet. A negative part is therefore set to 0.
        double network = RoundTrip(engine.Status) ?? 0;
        double nfsMean = nfs?.Latency.MeanNanoseconds ?? 0;
        List<(string Layer, double Total)> totals =
        [
            (Loop, (double)loop.SumNanoseconds / loop.Count), (Fuse, fuse.Latency.MeanNanoseconds), (Engine, store.Latency.MeanNanoseconds),
        ];
        List<LayerTime> layers = [];
        for (int i = 0; i < totals.Count; i++)
        {
            double below = i + 1 < totals.Count ? totals[i + 1].Total : nfsMean;
            layers.Add(new LayerTime(totals[i].Layer, totals[i].Total, Math.Max(0, totals[i].Total - below)));
        }

        if (nfs is not null)
        {
            network = Math.Min(network, nfsMean);
            if (network > 0)
                layers.Add(new LayerTime(Network, nfsMean, network));
            layers.Add(new LayerTime(Server, nfsMean - network, nfsMean - network));
        }

        return new LayerTimes(kind.Loop, loop.Count, layers);
    }

    private static OperationFigures? Find(IReadOnlyList<OperationFigures> all, string name) =>
        all.FirstOrDefault(o => o.Name == name && o.Count > 0);

    /// <summary>Round trip of the quickest path, nanoseconds.</summary>
    private static double? RoundTrip(EngineStatus? status) => status?.Paths.Min(p => p.RoundTripMicroseconds) * 1000.0;
}

/// <summary>One layer's mean time for a request.</summary>
/// <param name="Layer">One of the names in <see cref="LayerTimes"/>.</param>
/// <param name="MeanNanoseconds">Mean time with all layers below.</param>
/// <param name="OwnNanoseconds">The layer's own part.</param>
public sealed record LayerTime(string Layer, double MeanNanoseconds, double OwnNanoseconds);
