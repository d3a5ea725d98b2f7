using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

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

    /// <summary>System V message queues.</summary>
    [EffectOf("max-msg-ids")]
    public long? MessageQueues { get; init; }

    /// <summary>Sets of System V semaphores.</summary>
    [EffectOf("max-sem-ids")]
    public long? SemaphoreSets { get; init; }

    /// <summary>Segments of System V shared memory.</summary>
    [EffectOf("max-shm-ids")]
    public long? SharedSegments { get; init; }

    /// <summary>System V shared memory, bytes.</summary>
    [EffectOf("max-shm-memory")]
    public long? SharedBytes { get; init; }

    /// <summary>True when a limit of the IPC namespace differs from the kernel's default.</summary>
    [JsonIgnore]
    public bool HasIpcLimits =>
        MessageQueues is not null || SemaphoreSets is not null || SharedSegments is not null || SharedBytes is not null;

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
            MessageQueues = Number(GlobalProperties.MaxMsgIds, config),
            SemaphoreSets = Number(GlobalProperties.MaxSemIds, config),
            SharedSegments = Number(GlobalProperties.MaxShmIds, config),
            SharedBytes = GlobalProperties.MaxShmMemory.Get(config) is { } shared ? ByteSize.TryParse(shared) : null,
        };
    }

    private static long? Number(GlobalProperty property, ZoneConfig config) =>
        property.Get(config) is { } text ? long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private static long? Size(ImmutableDictionary<string, string>? values, string name) =>
        values?.GetValueOrDefault(name) is { } text ? ByteSize.TryParse(text) : null;
}
