using System.Globalization;
using Lofizone.Cli.Output;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Measures;
using Lofizone.Observation;
using Spectre.Console;

namespace Lofizone.Cli.Verbs;

/// <summary>One line for each zone: rates of its device, latencies of its engine, and its problem.</summary>
internal static class StatLines
{
    public const string ParsableFields =
        "NAME:SECONDS:READS:WRITES:FLUSHES:READ-BYTES:WRITTEN-BYTES:"
        + "READ-P50-US:READ-P99-US:WRITE-P50-US:WRITE-P99-US:FLUSH-P99-US:INFLIGHT:UNCOMMITTED-BYTES:PROBLEM";

    private const double MegabyteBytes = 1e6;

    private static readonly string[] _headings =
    [
        "NAME", "r/s", "w/s", "flush/s", "rMB/s", "wMB/s", "r-p50", "r-p99", "w-p50", "w-p99", "flush-p99", "inflight", "uncommitted",
        "STATE",
    ];

    private static readonly int[] _widths = [-12, 8, 8, 7, 8, 8, 7, 7, 7, 7, 9, 8, 11, 0];

    /// <summary>Writes lines that follow each other over time, below one line of headings.</summary>
    public static void Write(IReadOnlyList<DeviceSample> samples, bool headings, TextWriter output)
    {
        if (headings)
            output.WriteLine(Line(_headings));
        foreach (DeviceSample sample in samples)
            output.WriteLine(Line(Cells(sample)));
    }

    /// <summary>Lines that replace those before on a terminal, cut at its width.</summary>
    public static Rows LiveLines(IReadOnlyList<DeviceSample> samples, int width) => new(
        samples.Select(s => new Text(Cut(Line(Cells(s)), width), s.Problem is null ? Style.Plain : new Style(Color.Red)))
            .Prepend(new Text(Cut(Line(_headings), width))));

    public static void WriteParsable(IEnumerable<DeviceSample> samples, TextWriter output)
    {
        foreach (DeviceSample s in samples)
        {
            LoopFigures loop = s.Loop ?? new LoopFigures();
            output.WriteLine(Parsable.Line(
                s.Zone ?? "", Number(s.Seconds), $"{loop.Read.Count}", $"{loop.Write.Count}", $"{loop.Flush.Count}", $"{loop.Read.Bytes}",
                $"{loop.Write.Bytes}",
                Microseconds(s, "READ", 0.5), Microseconds(s, "READ", 0.99), Microseconds(s, "WRITE", 0.5), Microseconds(s, "WRITE", 0.99),
                Microseconds(s, "FSYNC", 0.99),
                s.Engine?.Status is { } e ? $"{e.InFlight}" : "", s.Engine?.Status is { } status ? $"{status.UncommittedBytes}" : "",
                s.Problem ?? ""));
        }
    }

    private static string[] Cells(DeviceSample s)
    {
        if (s.Loop is not { } loop)
            return [s.Zone ?? "-", .. Enumerable.Repeat("-", _headings.Length - 2), s.Problem ?? s.State ?? "-"];
        EngineStatus? status = s.Engine?.Status;
        return
        [
            s.Zone ?? "-", Rate(loop.Read.Count), Rate(loop.Write.Count), Rate(loop.Flush.Count), Megabytes(loop.Read.Bytes),
            Megabytes(loop.Write.Bytes),
            Duration(s, "READ", 0.5), Duration(s, "READ", 0.99), Duration(s, "WRITE", 0.5), Duration(s, "WRITE", 0.99),
            Duration(s, "FSYNC", 0.99),
            status is null ? "-" : $"{status.InFlight}", status is null ? "-" : Images.SizeText.Format(status.UncommittedBytes),
            s.Problem ?? s.State ?? "-",
        ];

        string Rate(long count) => Number(count / Math.Max(s.Seconds, 1e-3));

        string Megabytes(long bytes) => Number(bytes / MegabyteBytes / Math.Max(s.Seconds, 1e-3));
    }

    private static LatencyFigures? Latency(DeviceSample s, string opcode) => s.Engine?.Fuse.FirstOrDefault(o => o.Name == opcode)?.Latency;

    private static string Duration(DeviceSample s, string opcode, double share) => Latency(s, opcode) is { } latency
        ? DurationText.Of(latency.Quantile(share))
        : "-";

    private static string Microseconds(DeviceSample s, string opcode, double share) =>
        Latency(s, opcode) is { Count: > 0 } latency ? (latency.Quantile(share) / 1000).ToString(CultureInfo.InvariantCulture) : "";

    private static string Number(double value) => value.ToString(value is 0 or >= 99.5 ? "0" : "0.0", CultureInfo.InvariantCulture);

    private static string Line(string[] cells) => TableLine.Of(cells, _widths);

    private static string Cut(string line, int width) => line.Length <= width ? line : line[..width];
}
