using Lofizone.Config;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>Runs the operations on one zone: under the zone's lock, while the zone's device is watched.</summary>
internal sealed class ZoneRunner(ZoneHost host, string name, IReporter reporter)
{
    /// <summary>
    /// Patience of operations that can be repeated: the wait for a server or for room, while the operation holds the zone's lock.
    /// </summary>
    public static readonly StallPatience BootPatience = new(TimeSpan.FromSeconds(60), StallEnd.GiveUpDevice);

    /// <summary>Patience of operations that need no unstored data any more.</summary>
    public static readonly StallPatience DiscardPatience = new(StallPatience.OfStop, StallEnd.GiveUpDevice);

    /// <summary>Patience of operations that fill a root: they wait for room and servers until the user ends them.</summary>
    public static readonly StallPatience FillPatience = new(null, StallEnd.GiveUpDevice);

    /// <summary>Patience of a halt. A zone's unstored data is given up only by force, or when the host stops.</summary>
    public static readonly StallPatience HaltPatience = new(StallPatience.OfStop, StallEnd.EndWork);

    /// <summary>Time that an operation waits for another command on the same zone, after the time of a shutdown.</summary>
    private static readonly TimeSpan _afterShutdown = TimeSpan.FromSeconds(30);

    /// <summary>Time that a rename waits for each of its two locks.</summary>
    public static readonly TimeSpan RenamePatience = TimeSpan.FromSeconds(10);

    private static readonly Task<DeviceStall?> _none = Task.FromResult<DeviceStall?>(null);

    public string OrGiveUp => $"or give up what it has not confirmed: {GiveUp}";

    private string GiveUp => $"zone halt --force {name}";

    /// <summary>Takes the zone's lock. The name is checked first, because the lock's file name contains the zone's name.</summary>
    public HostLock Lock(string command)
    {
        ZoneName.Check(name);
        return HostLock.Take(host.Paths, name, command, host.ShutdownLimitOf(name) + _afterShutdown);
    }

    public HostLock LockExisting(string command)
    {
        host.Require(name);
        return Lock(command);
    }

    public async Task<Operation> RunAsync<TWork>(
        ZoneOperation<TWork> operation, TWork what, StallPatience patience, CancellationToken cancellation)
    {
        Operation work = operation.On(name, what, host.Time);
        // The record is read each time, because a create writes the configuration in its first step and a delete removes it in its last
        // step.
        ZoneMount? Mount() => host.Index.Load(name) is { Config.RootImage: not null } record ? new ZoneMount(host, record.Config) : null;
        StallSubject device = new(
            name, GiveUp, c => Mount()?.StallAsync(c) ?? _none, c => Mount()?.AbortIfStalledAsync(c) ?? _none,
            stall => Mount()?.Refusal(stall, OrGiveUp) ?? new LofizoneException($"{name}: {stall}", $"{stall.Cure} and run again"));
        await new StallWatch(device, reporter, host.Time).RunAsync(c => work.RunAsync(reporter, c), patience, cancellation);
        return work;
    }
}
