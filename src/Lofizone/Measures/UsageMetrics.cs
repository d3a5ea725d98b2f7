using Lofizone.Accounting;

namespace Lofizone.Measures;

/// <summary>
/// What zones use, as OpenMetrics families. Figures that the kernel does not tell are left out.
/// </summary>
internal static class UsageMetrics
{
    private const double NanosecondsPerSecond = 1e9, MicrosecondsPerSecond = 1e6;

    public static void Write(OpenMetricsWriter text, IReadOnlyList<ZoneCounters> zones)
    {
        Counter(
            "lofizone_zone_cpu_seconds", "CPU time of the zone since its boot.", c => c.CpuNanoseconds / NanosecondsPerSecond, "seconds");
        Gauge("lofizone_zone_cpu_cap", "CPUs that the zone may use.", c => c.CpuCap);
        Gauge("lofizone_zone_cpu_weight", "The zone's weight (cpu.weight or cpu.shares) against other zones.", c => c.CpuWeight);
        Gauge(
            "lofizone_zone_memory_bytes", "Memory of the zone, without cache that the kernel gives back first.", c => c.MemoryBytes,
            "bytes");
        Gauge("lofizone_zone_memory_cap_bytes", "Memory that the zone may use.", c => c.MemoryCap, "bytes");
        Gauge("lofizone_zone_swap_bytes", "Swapped-out memory of the zone.", c => c.SwapBytes, "bytes");
        Gauge("lofizone_zone_virtual_memory_cap_bytes", "Memory and swap that the zone may use.", c => c.VirtualCap, "bytes");
        Gauge("lofizone_zone_locked_memory_bytes", "Memory of the zone that can't be swapped out.", c => c.LockedBytes, "bytes");
        Gauge("lofizone_zone_processes", "Processes of the zone.", c => c.Processes);
        Gauge("lofizone_zone_threads", "Threads of the zone.", c => c.Threads);
        Gauge("lofizone_zone_threads_cap", "Threads that the zone may have.", c => c.ThreadCap);
        Network(text, zones);
        Pressures(text, zones);

        void Gauge(string name, string help, Func<CgroupFigures, double?> value, string? unit = null) =>
            Each(name, "gauge", "", help, value, unit);

        void Counter(string name, string help, Func<CgroupFigures, double?> value, string? unit = null) =>
            Each(name, "counter", "_total", help, value, unit);

        void Each(string name, string type, string suffix, string help, Func<CgroupFigures, double?> value, string? unit)
        {
            text.Family(name, type, help, unit);
            foreach (ZoneCounters zone in zones)
                if (value(zone.Cgroup) is { } number)
                    text.Sample(suffix, number, ("zone", zone.Name));
        }
    }

    private static void Network(OpenMetricsWriter text, IReadOnlyList<ZoneCounters> zones)
    {
        text.Family("lofizone_zone_network_bytes", "counter", "Data that the zone's interfaces received and sent since its boot.", "bytes");
        foreach (ZoneCounters zone in zones.Where(z => z.Network is not null))
        {
            text.Sample("_total", zone.Network!.Received, ("zone", zone.Name), ("direction", "received"));
            text.Sample("_total", zone.Network.Sent, ("zone", zone.Name), ("direction", "sent"));
        }
    }

    private static void Pressures(OpenMetricsWriter text, IReadOnlyList<ZoneCounters> zones)
    {
        text.Family(
            "lofizone_zone_pressure_seconds", "counter", "Time in which some, or all, of the zone's processes waited for the resource.",
            "seconds");
        foreach (ZoneCounters zone in zones)
        {
            (string, Pressure?)[] resources =
                [("cpu", zone.Cgroup.CpuPressure), ("memory", zone.Cgroup.MemoryPressure), ("io", zone.Cgroup.IoPressure)];
            foreach ((string resource, Pressure? pressure) in resources)
            {
                Sample("some", pressure?.SomeMicroseconds);
                Sample("full", pressure?.FullMicroseconds);

                void Sample(string kind, long? microseconds)
                {
                    if (microseconds is { } known)
                        text.Sample(
                            "_total", known / MicrosecondsPerSecond, ("zone", zone.Name), ("resource", resource), ("processes", kind));
                }
            }
        }
    }
}
