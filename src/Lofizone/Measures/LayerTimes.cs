using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Observation;

namespace Lofizone.Measures;

/// <summary>
/// Mean times of one kind of request at each layer of a device, from which follows where the time goes: a layer's own part is its time
/// less that of the layer below it.
/// </summary>
/// <param name="Kind">READ, WRITE, FLUSH or DISCARD, as the device has it.</param>
/// <param name="Count">Requests of the device.</param>
/// <param name="Layers">From the device down to the server; those without figures are left out.</param>
public sealed record LayerTimes(string Kind, long Count, IReadOnlyList<LayerTime> Layers)
{
    public const string Loop = "loop device", Fuse = "FUSE", Engine = "engine", Network = "network", Server = "server";

    /// <summary>Requests below which means say nothing.</summary>
    private const long CountLimit = 10;

    /// <summary>How a kind of request is called at the loop device, in FUSE, in the engine and in NFS.</summary>
    private static readonly (string Loop, string Fuse, string Engine, string Nfs)[] _kinds =
    [
        ("READ", "READ", "READ", "READ"), ("WRITE", "WRITE", "WRITE", "WRITE"), ("FLUSH", "FSYNC", "FLUSH", "COMMIT"),
        ("DISCARD", "FALLOCATE", "PUNCH", "DEALLOCATE"),
    ];

    /// <summary>All kinds of which there were enough requests to tell.</summary>
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

        // Requests under way are counted by one layer and not yet by another: no part is negative.
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

    /// <summary>The quickest path's, nanoseconds.</summary>
    private static double? RoundTrip(EngineStatus? status) => status?.Paths.Min(p => p.RoundTripMicroseconds) * 1000.0;
}

/// <summary>One layer's mean time for a request.</summary>
/// <param name="Layer">One of the names in <see cref="LayerTimes"/>.</param>
/// <param name="MeanNanoseconds">With all layers below it.</param>
/// <param name="OwnNanoseconds">Its own part.</param>
public sealed record LayerTime(string Layer, double MeanNanoseconds, double OwnNanoseconds);
