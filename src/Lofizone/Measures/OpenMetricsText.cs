using Lofizone.Accounting;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Observation;
using Lofizone.Zones;

namespace Lofizone.Measures;

/// <summary>Samples of devices as OpenMetrics text, for a scrape or for the text-file collector of node_exporter.</summary>
public static class OpenMetricsText
{
    /// <summary>
    /// Powers of two of the lowest and highest bound of the histograms' buckets: 2^13 (8 us) to 2^37 (137 s) nanoseconds. These bounds are
    /// also bounds of the histogram's own buckets, so no value is estimated.
    /// </summary>
    private const int LowestBoundBit = 13, HighestBoundBit = 37;

    private const double NanosecondsPerSecond = 1e9;

    /// <summary>All families.</summary>
    /// <param name="samples">Samples that cover the time since the attach, because counters only grow.</param>
    /// <param name="zones">The use of the zones that are up.</param>
    public static string Write(IReadOnlyList<DeviceSample> samples, IReadOnlyList<ZoneCounters>? zones = null)
    {
        OpenMetricsWriter text = new();
        Info(text, samples);
        Counted(text, samples);
        Durations(text, samples);
        Engines(text, samples);
        Paths(text, samples);
        UsageMetrics.Write(text, zones ?? []);
        return text.End();
    }

    private static void Info(OpenMetricsWriter text, IReadOnlyList<DeviceSample> samples)
    {
        text.Family("lofizone_device", "info", "Devices of this host and the images they stand for.");
        foreach (DeviceSample s in samples.Where(s => s.Device is not null))
            text.Sample("_info", 1, [.. Labels(s), ("file", s.File)]);
        text.Family("lofizone_zone_state", "stateset", "State of each zone.");
        foreach (DeviceSample s in samples.Where(s => s is { Zone: not null, State: not null }))
            foreach (ZoneState state in Enum.GetValues<ZoneState>())
                text.Sample("", s.State == state.Text() ? 1 : 0, ("zone", s.Zone), ("lofizone_zone_state", state.Text()));
        text.Family("lofizone_device_healthy", "gauge", "1 when nothing is wrong with the device, its engine or its server.");
        foreach (DeviceSample s in samples.Where(s => s.Device is not null))
            text.Sample("", s.Problem is null ? 1 : 0, Labels(s));
    }

    private static void Counted(OpenMetricsWriter text, IReadOnlyList<DeviceSample> samples)
    {
        text.Family(
            "lofizone_operations", "counter",
            "Operations ended, by layer: loop (block device), fuse (kernel to engine), engine, nfs (engine to server).");
        foreach ((DeviceSample s, string layer, OperationFigures o) in Operations(samples))
            text.Sample("_total", o.Count, Labels(s, layer, o));
        text.Family("lofizone_operation_failures", "counter", "Operations that ended with an error.");
        foreach ((DeviceSample s, string layer, OperationFigures o) in Operations(samples).Where(o => o.Layer != "loop"))
            text.Sample("_total", o.Failures, Labels(s, layer, o));
        text.Family("lofizone_operation_bytes", "counter", "Data moved by operations.", "bytes");
        foreach ((DeviceSample s, string layer, OperationFigures o) in Operations(samples))
            text.Sample("_total", o.Bytes, Labels(s, layer, o));
        text.Family("lofizone_loop_wait_seconds", "counter", "Sum of the times that requests of the block device took.", "seconds");
        foreach ((DeviceSample s, string layer, OperationFigures o) in Operations(samples).Where(o => o.Layer == "loop"))
            text.Sample("_total", o.Latency.SumNanoseconds / NanosecondsPerSecond, Labels(s, layer, o));
    }

    private static void Durations(OpenMetricsWriter text, IReadOnlyList<DeviceSample> samples)
    {
        text.Family("lofizone_operation_duration_seconds", "histogram", "Time that operations took, with the layers below.", "seconds");
        foreach ((DeviceSample s, string layer, OperationFigures o) in Operations(samples).Where(o => o.Layer != "loop"))
        {
            (string, string?)[] labels = Labels(s, layer, o);
            for (int bit = LowestBoundBit; bit <= HighestBoundBit; bit++)
                text.Sample(
                    "_bucket", o.Latency.CountUpTo(1L << bit),
                    [.. labels, ("le", OpenMetricsWriter.Number((1L << bit) / NanosecondsPerSecond))]);
            // The count is the histogram's own, not the meter's, because the two are read a moment apart.
            text.Sample("_bucket", o.Latency.Count, [.. labels, ("le", "+Inf")]);
            text.Sample("_count", o.Latency.Count, labels);
            text.Sample("_sum", o.Latency.SumNanoseconds / NanosecondsPerSecond, labels);
        }
    }

    private static void Engines(OpenMetricsWriter text, IReadOnlyList<DeviceSample> samples)
    {
        Gauge(
            "lofizone_server_reachable", "1 while the server answers, or nothing is asked of it.",
            e => e.UnreachableSince is null && e.Connected ? 1 : 0);
        Gauge("lofizone_lock_held", "1 while the image's lock is held; 0 means fenced: all I/O fails.", e => e.Fenced ? 0 : 1);
        Gauge(
            "lofizone_writing_held", "1 while writing waits for room on the share.",
            e => e.HeldSince is null && e.HeldBecause is null ? 0 : 1);
        Gauge("lofizone_requests_in_flight", "Requests sent to the server and not answered.", e => e.InFlight);
        Gauge("lofizone_session_slots", "Requests that may be under way at once.", e => e.Slots);
        Gauge("lofizone_uncommitted_bytes", "Data written and not yet confirmed as stored.", e => e.UncommittedBytes, "bytes");
        Gauge("lofizone_lease_seconds", "The server's lease time.", e => e.LeaseSeconds, "seconds");
        Gauge("lofizone_lease_age_seconds", "Time since the lease was renewed.", e => e.LeaseAgeMilliseconds / 1000.0, "seconds");
        Counter("lofizone_retransmits", "Requests sent again after a lost connection.", e => e.Retransmits);
        Counter("lofizone_reconnects", "Connections made anew.", e => e.Reconnects);
        Counter("lofizone_sessions_lost", "Sessions that the server forgot.", e => e.SessionsLost);
        Counter("lofizone_reclaims", "Times that the lock was reclaimed from a restarted server.", e => e.Reclaims);
        Counter("lofizone_resent_bytes", "Data written again because the server may have lost it.", e => e.ResentBytes, "bytes");
        Counter("lofizone_trace_dropped_lines", "Lines that the trace has dropped.", e => e.TraceDropped);

        void Gauge(string name, string help, Func<EngineStatus, double?> value, string? unit = null) =>
            Each(name, "gauge", "", help, value, unit);

        void Counter(string name, string help, Func<EngineStatus, double?> value, string? unit = null) =>
            Each(name, "counter", "_total", help, value, unit);

        void Each(string name, string type, string suffix, string help, Func<EngineStatus, double?> value, string? unit)
        {
            text.Family(name, type, help, unit);
            foreach (DeviceSample s in samples)
                if (s.Engine?.Status is { } status && value(status) is { } number)
                    text.Sample(suffix, number, Labels(s));
        }
    }

    private static void Paths(OpenMetricsWriter text, IReadOnlyList<DeviceSample> samples)
    {
        Each("lofizone_path_up", "gauge", "", "1 while a connection by this route is up.", p => p.Connected ? 1 : 0);
        Each("lofizone_path_in_flight", "gauge", "", "Requests sent by this route and not answered.", p => p.InFlight);
        Each(
            "lofizone_path_round_trip_seconds", "gauge", "", "The network's round trip as the kernel measured it.",
            p => p.RoundTripMicroseconds / 1e6, "seconds");
        Each(
            "lofizone_path_retransmits", "counter", "_total", "Requests sent by this route that had been sent before.", p => p.Retransmits);
        Each("lofizone_path_reconnects", "counter", "_total", "Connections made anew by this route.", p => p.Reconnects);

        void Each(string name, string type, string suffix, string help, Func<EnginePath, double?> value, string? unit = null)
        {
            text.Family(name, type, help, unit);
            foreach (DeviceSample s in samples)
            {
                IReadOnlyList<EnginePath> paths = s.Engine?.Status?.Paths ?? [];
                for (int i = 0; i < paths.Count; i++)
                    if (value(paths[i]) is { } number)
                        text.Sample(
                            suffix, number, [.. Labels(s), ("path", paths[i].Address), ("connection", OpenMetricsWriter.Number(i))]);
            }
        }
    }

    private static IEnumerable<(
        DeviceSample Sample, string Layer, OperationFigures Figures)> Operations(IReadOnlyList<DeviceSample> samples)
    {
        foreach (DeviceSample s in samples)
        {
            if (s.Loop is { } loop)
            {
                (string, LoopOperation)[] kinds =
                [
                    ("READ", loop.Read), ("WRITE", loop.Write), ("DISCARD", loop.Discard), ("FLUSH", loop.Flush),
                ];
                foreach ((string name, LoopOperation o) in kinds)
                    yield return (
                        s, "loop",
                        new OperationFigures
                        {
                            Name = name,
                            Count = o.Count,
                            Bytes = o.Bytes,
                            Latency = new LatencyFigures { SumNanoseconds = o.SumNanoseconds },
                        });
            }

            if (s.Engine is not { } engine)
                continue;
            (string, IReadOnlyList<OperationFigures>)[] layers = [("fuse", engine.Fuse), ("engine", engine.Engine), ("nfs", engine.Nfs)];
            foreach ((string layer, IReadOnlyList<OperationFigures> all) in layers)
                foreach (OperationFigures o in all)
                    yield return (s, layer, o);
        }
    }

    private static (string, string?)[] Labels(DeviceSample sample) => [("zone", sample.Zone), ("device", sample.Device)];

    private static (string, string?)[] Labels(DeviceSample sample, string layer, OperationFigures figures) =>
        [.. Labels(sample), ("layer", layer), ("operation", figures.Name)];
}
