using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Zones;

namespace Lofizone.Measures;

/// <summary>
/// Reads the counters of engines and of the kernel. Answers within about a second whatever the servers do: engines answer from memory, and
/// the rest is sysfs.
/// </summary>
public sealed class Sampler(ZoneHost host)
{
    /// <summary>Limit for an engine's answer, seconds.</summary>
    public const int EngineLimitSeconds = 1;

    /// <summary>One sample for each zone, in the zones' order. A zone that is not up has no device.</summary>
    public async Task<IReadOnlyList<DeviceSample>> ZonesAsync(IReadOnlyList<ZoneStatus> zones, CancellationToken cancellation)
    {
        IReadOnlyList<LofiDevice> devices = host.Lofi.List();
        return await Task.WhenAll(zones.Select(zone => devices.FirstOrDefault(d => d.ZoneName == zone.Name) is { } device
            ? DeviceAsync(device, zone.State.Text(), cancellation)
            : Task.FromResult(new DeviceSample { Zone = zone.Name, State = zone.State.Text(), At = host.Time.GetUtcNow() })));
    }

    /// <summary>One sample for each device.</summary>
    public async Task<IReadOnlyList<DeviceSample>> DevicesAsync(IReadOnlyList<LofiDevice> devices, CancellationToken cancellation) =>
        await Task.WhenAll(devices.Select(d => DeviceAsync(d, null, cancellation)));

    /// <summary>The problem of each zone's device, by zone. Zones without a problem are left out.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ProblemsAsync(IReadOnlyList<ZoneStatus> zones, CancellationToken cancellation)
    {
        IEnumerable<LofiDevice> devices = host.Lofi.List().Where(d => zones.Any(z => z.Name == d.ZoneName));
        (string Zone, string? Problem)[] all = await Task.WhenAll(
            devices.Select(async d => (d.ZoneName!, EngineProblem.Of(d, await StatusAsync(d, cancellation)))));
        ILookup<string, string> found = all.Concat(zones.Select(z => (Zone: z.Name, Problem: ZoneProblem.Of(host, z))))
            .Where(p => p.Problem is not null)
            .ToLookup(p => p.Zone, p => p.Problem!, StringComparer.Ordinal);
        return found.ToDictionary(p => p.Key, p => string.Join("; ", p), StringComparer.Ordinal);
    }

    private Task<EngineStatus?> StatusAsync(LofiDevice device, CancellationToken cancellation) =>
        device.Engine is { IsAlive: true }
            ? host.Lofi.StatusAsync(device, TimeSpan.FromSeconds(EngineLimitSeconds), cancellation)
            : Task.FromResult<EngineStatus?>(null);

    private async Task<DeviceSample> DeviceAsync(LofiDevice device, string? state, CancellationToken cancellation)
    {
        EngineStatistics? engine = device.Engine is { IsAlive: true }
            ? await host.Lofi.StatisticsAsync(device, TimeSpan.FromSeconds(EngineLimitSeconds), cancellation)
            : null;
        DateTimeOffset now = host.Time.GetUtcNow();
        return new DeviceSample
        {
            Zone = device.ZoneName,
            State = state,
            Device = device.Link,
            File = device.File.ToString(),
            At = now,
            Seconds = (now - device.Since).TotalSeconds,
            Loop = device.Health is LofiHealth.LoopGone ? null : LoopFigures.Of(device.LoopDevice)?.Since(device.LoopBefore),
            Engine = engine,
            Problem = EngineProblem.Of(device, engine?.Status),
        };
    }
}
