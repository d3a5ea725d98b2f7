using System.Collections.Immutable;
using System.Globalization;

namespace Lofizone.Config;

/// <summary>The resources that a zone may use, as its configuration tells. Null stands for the host's default.</summary>
public sealed record ResourceControls
{
    /// <summary>Memory with the page cache, bytes.</summary>
    [EffectOf("capped-memory: physical")]
    public long? MemoryBytes { get; init; }

    /// <summary>Swap space in addition to the memory, bytes; null for as much as the host has.</summary>
    [EffectOf("capped-memory: swap")]
    public long? SwapBytes { get; init; }

    /// <summary>Memory that one process may lock, bytes (RLIMIT_MEMLOCK of setrlimit(2)).</summary>
    [EffectOf("capped-memory: locked")]
    public long? LockedBytes { get; init; }

    /// <summary>CPU time in CPUs, 0.01 at least; null for all CPUs.</summary>
    [EffectOf("capped-cpu: ncpus")]
    public decimal? Cpus { get; init; }

    /// <summary>Part of the CPU time in proportion to the other zones' shares, 1 to <see cref="GlobalProperties.MaxCpuShares"/>.</summary>
    [EffectOf("cpu-shares")]
    public long CpuShares { get; init; } = 1;

    /// <summary>Processes and threads together.</summary>
    [EffectOf("max-lwps", "max-processes")]
    public long? Tasks { get; init; }

    public static ResourceControls Of(ZoneConfig config)
    {
        ImmutableDictionary<string, string>? memory = ResourceTypes.CappedMemory.Get(config).FirstOrDefault();
        ImmutableDictionary<string, string>? cpu = ResourceTypes.CappedCpu.Get(config).FirstOrDefault();
        long?[] tasks = [Number(GlobalProperties.MaxLwps, config), Number(GlobalProperties.MaxProcessesProperty, config)];
        return new ResourceControls
        {
            MemoryBytes = Size(memory, "physical"),
            SwapBytes = Size(memory, "swap"),
            LockedBytes = Size(memory, "locked"),
            Cpus = cpu is null ? null : ResourceTypes.CpuNumber(cpu["ncpus"]),
            CpuShares = Number(GlobalProperties.CpuShares, config) ?? 1,
            // The kernel counts threads, and every process has at least one.
            Tasks = tasks.Min(),
        };
    }

    private static long? Number(GlobalProperty property, ZoneConfig config) =>
        property.Get(config) is { } text ? long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private static long? Size(ImmutableDictionary<string, string>? values, string name) =>
        values?.GetValueOrDefault(name) is { } text ? ByteSize.TryParse(text) : null;
}
