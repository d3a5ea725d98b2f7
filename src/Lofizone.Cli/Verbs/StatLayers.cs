using System.Globalization;
using Lofizone.Devices;
using Lofizone.Measures;
using Lofizone.Observation;

namespace Lofizone.Cli.Verbs;

/// <c>zone stat --layers</c>: shows every layer between a zone and its server with its operations.
internal static class StatLayers
{
    public static void Write(IReadOnlyList<DeviceSample> samples, TextWriter output)
    {
        foreach (DeviceSample sample in samples)
        {
            output.WriteLine(
                $"{sample.Zone ?? sample.Device ?? "-"}: {sample.Problem ?? sample.State ?? "ok"}, "
                + $"{sample.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} s");
            Write(sample, output);
        }
    }

    /// <summary>Writes the operations of one device, outermost layer first.</summary>
    public static void Write(DeviceSample sample, TextWriter output)
    {
        Output.Table table = new(
            "LAYER", "OPERATION", "COUNT", "FAILED", "BYTES", "MEAN", "P50", "P99", "P99.9",
            "MAX")
        { Right = new HashSet<int> { 2, 3, 4, 5, 6, 7, 8, 9 } };
        if (sample.Loop is { } loop)
        {
            Add("READ", loop.Read);
            Add("WRITE", loop.Write);
            Add("DISCARD", loop.Discard);
            Add("FLUSH", loop.Flush);
        }

        if (sample.Engine is { } engine)
        {
            AddAll("fuse", engine.Fuse);
            AddAll("engine", engine.Engine);
            AddAll("nfs", engine.Nfs);
            AddAll("path", engine.Paths);
        }

        table.Write(output);
        if (SlowestLayer.Of(sample) is { } slowest)
            output.WriteLine($"slowest: {slowest}");

        void Add(string name, LoopOperation o)
        {
            if (o.Count > 0)
                table.Add(
                    "loop", name, $"{o.Count}", "-", $"{o.Bytes}", DurationText.Of((double)o.SumNanoseconds / o.Count), "-", "-", "-", "-");
        }

        void AddAll(string layer, IReadOnlyList<OperationFigures> all)
        {
            foreach (OperationFigures o in all.Where(o => o.Count > 0))
            {
                LatencyFigures l = o.Latency;
                table.Add(
                    layer, o.Name, $"{o.Count}", $"{o.Failures}", $"{o.Bytes}", DurationText.Of(l.MeanNanoseconds),
                    DurationText.Of(l.Quantile(0.5)), DurationText.Of(l.Quantile(0.99)), DurationText.Of(l.Quantile(0.999)),
                    DurationText.Of(l.MaxNanoseconds));
            }
        }
    }
}
