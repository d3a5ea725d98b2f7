namespace Lofizone.Accounting;

/// <summary>Use of the machine's resources in an interval, or in a report over several intervals.</summary>
public sealed record UsageInterval
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Length, seconds.</summary>
    public required double Seconds { get; init; }

    public required int Cpus { get; init; }

    public required int CpusOnline { get; init; }

    /// <summary>What the machine has of each resource. A resource without a limit is left out.</summary>
    public required IReadOnlyDictionary<Resource, double> Capacity { get; init; }

    /// <summary>Use of the machine.</summary>
    public required UsageRow Total { get; init; }

    /// <summary>Use of the kernel for itself, as far as the kernel tells it.</summary>
    public required UsageRow System { get; init; }

    /// <summary>Use of the host's own processes, data paths of images among them: what is neither the kernel's nor a zone's.</summary>
    public required UsageRow Global { get; init; }

    public required IReadOnlyList<UsageRow> Zones { get; init; }

    /// <summary>The global zone and the zones.</summary>
    public IEnumerable<UsageRow> Users => Zones.Prepend(Global);

    /// <summary>Used part of the machine's resource; null when that is unknown.</summary>
    public double? OfSystem(UsageRow row, Resource resource) =>
        row[resource] is { } amount && Capacity.TryGetValue(resource, out double capacity) && capacity > 0 ? amount.Used / capacity : null;

    /// <summary>The difference between two samples. A zone that was booted between them counts from its boot.</summary>
    public static UsageInterval Between(UsageSample before, UsageSample after)
    {
        double seconds = Math.Max((after.At - before.At).TotalSeconds, 1e-3);
        UsageRow[] zones =
        [
            .. after.Zones.Select(zone => Zone(before.Zones.FirstOrDefault(b => b.Name == zone.Name && b.Id == zone.Id), zone, seconds)),
        ];
        HostCounters host = after.Host;
        UsageRow total = new("[total]", new Dictionary<Resource, Amount>
        {
            [Resource.Cpu] = new(Rate(host.BusySeconds - before.Host.BusySeconds)),
            [Resource.PhysicalMemory] = new(host.UsedBytes),
            [Resource.VirtualMemory] = new(host.UsedBytes + host.UsedSwapBytes),
            [Resource.Swap] = new(host.UsedSwapBytes),
            [Resource.LockedMemory] = new(host.LockedBytes),
            [Resource.Processes] = new(host.Processes),
            [Resource.Lwps] = new(host.Threads),
            [Resource.NetworkReceived] = new(Math.Max(0, host.Network.Received - before.Host.Network.Received)),
            [Resource.NetworkSent] = new(Math.Max(0, host.Network.Sent - before.Host.Network.Sent)),
            [Resource.ImageRead] = new(zones.Sum(z => z[Resource.ImageRead]?.Used ?? 0)),
            [Resource.ImageWritten] = new(zones.Sum(z => z[Resource.ImageWritten]?.Used ?? 0)),
        });
        // Kernel memory of a zone's processes is charged to the zone where the kernel tells it.
        double kernel = Math.Max(0, host.KernelBytes - after.Zones.Sum(z => (double)(z.Cgroup.KernelBytes ?? 0)));
        UsageRow system = new("[system]", new Dictionary<Resource, Amount>
        {
            [Resource.Cpu] = new(Rate(host.InterruptSeconds - before.Host.InterruptSeconds)),
            [Resource.PhysicalMemory] = new(kernel),
            [Resource.VirtualMemory] = new(kernel),
        });
        return new UsageInterval
        {
            At = after.At,
            Seconds = seconds,
            Cpus = host.Cpus,
            CpusOnline = host.CpusOnline,
            Capacity = Capacities(host, seconds),
            Total = total,
            System = system,
            Global = Rest("global", total, [system, .. zones]),
            Zones = zones,
        };

        double Rate(double difference) => Math.Max(0, difference) / seconds;
    }

    private static Dictionary<Resource, double> Capacities(HostCounters host, double seconds)
    {
        Dictionary<Resource, double> capacity = new()
        {
            [Resource.Cpu] = host.CpusOnline,
            [Resource.PhysicalMemory] = host.MemoryBytes,
            [Resource.VirtualMemory] = host.MemoryBytes + host.SwapBytes,
            [Resource.Swap] = host.SwapBytes,
            [Resource.LockedMemory] = host.MemoryBytes,
            [Resource.Processes] = host.ProcessLimit,
            [Resource.Lwps] = host.ThreadLimit,
        };
        if (host.NetworkBytesPerSecond is { } speed)
            capacity[Resource.NetworkReceived] = capacity[Resource.NetworkSent] = speed * seconds;
        return capacity;
    }

    private static UsageRow Zone(ZoneCounters? before, ZoneCounters after, double seconds)
    {
        CgroupFigures now = after.Cgroup;
        Dictionary<Resource, Amount> amounts = [];
        Set(Resource.Cpu, (now.CpuNanoseconds - (before?.Cgroup.CpuNanoseconds ?? 0)) / 1e9 / seconds, now.CpuCap);
        Set(Resource.PhysicalMemory, now.MemoryBytes, now.MemoryCap);
        Set(Resource.VirtualMemory, now.VirtualBytes, now.VirtualCap);
        Set(Resource.Swap, now.SwapBytes, null);
        Set(Resource.LockedMemory, now.LockedBytes, null);
        Set(Resource.Processes, now.Processes, null);
        Set(Resource.Lwps, now.Threads, now.ThreadCap);
        Set(Resource.NetworkReceived, after.Network?.Received - (before?.Network?.Received ?? 0), null);
        Set(Resource.NetworkSent, after.Network?.Sent - (before?.Network?.Sent ?? 0), null);
        Set(Resource.ImageRead, after.Image?.Read.Bytes - (before?.Image?.Read.Bytes ?? 0), null);
        Set(Resource.ImageWritten, after.Image?.Write.Bytes - (before?.Image?.Write.Bytes ?? 0), null);
        return new UsageRow(after.Name, amounts) { CpuWeight = now.CpuWeight, CpuSet = now.Cpus };

        void Set(Resource resource, double? used, double? cap)
        {
            if (used is { } known)
                amounts[resource] = new Amount(Math.Max(0, known), cap);
        }
    }

    /// <summary>
    /// What remains of the total. Counters that are read one after the other may give less than nothing, which becomes 0. Traffic is left
    /// out, because traffic between zones passes no card of the machine.
    /// </summary>
    private static UsageRow Rest(string name, UsageRow total, IReadOnlyList<UsageRow> others) => new(
        name,
        total.Amounts.Where(a => !a.Key.AddsUp()).ToDictionary(
            a => a.Key, a => new Amount(Math.Max(0, a.Value.Used - others.Sum(o => o[a.Key]?.Used ?? 0)))));
}

/// <summary>What one user of the machine's resources uses.</summary>
/// <param name="Name">A zone, <c>global</c>, <c>[total]</c> or <c>[system]</c>.</param>
/// <param name="Amounts">Known amounts.</param>
public sealed record UsageRow(string Name, IReadOnlyDictionary<Resource, Amount> Amounts)
{
    /// <summary>Weight of a zone in the scheduler's division of CPU time between the zones.</summary>
    public long? CpuWeight { get; init; }

    /// <summary>The CPUs that a zone may use; null when unknown.</summary>
    public IReadOnlySet<int>? CpuSet { get; init; }

    /// <summary>The amount; null when it is unknown.</summary>
    public Amount? this[Resource resource] => Amounts.TryGetValue(resource, out Amount amount) ? amount : null;

    /// <summary>Received and sent bytes, or read and written ones, together.</summary>
    public double? Sum(Resource one, Resource other) => this[one]?.Used + (this[other]?.Used ?? 0);
}
