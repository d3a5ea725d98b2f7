using Lofizone.Config;
using Lofizone.Interop;
using Lofizone.Operations;
using Lofizone.Runtime;

namespace Lofizone.Zones;

/// <summary>
/// Halts a zone: shuts it down, and then removes the results of the boot in reverse order. Every step looks at what exists, so the same
/// steps also clean up after a killed command or process.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="config">The configuration with which the zone was booted.</param>
/// <param name="mode">How the zone is halted.</param>
/// <param name="reporter">Gets a warning about a zone that had to be killed.</param>
internal sealed class ZoneHalt(ZoneHost host, ZoneConfig config, HaltMode mode, IReporter reporter)
{
    /// <summary>Time that a zone's init has for its shutdown before it is killed, seconds.</summary>
    public const int ShutdownLimitSeconds = 60;

    /// <summary>Name of the step whose duration is the zone's init's own.</summary>
    public const string ShutdownStep = "shutdown";

    private readonly ZoneMount _mount = new(host, config);
    private readonly ZoneHooks _hooks = new(host, config, reporter);

    private string Name => config.Name;

    public IReadOnlyList<Step> Steps() => [.. StopSteps(), .. config.RootImage is null ? (Step[])[] : LetGoSteps(), PostHalt(), Forget()];

    /// <summary>The steps after which no process runs in the zone and the root is still mounted at the zonepath.</summary>
    public Step[] StopSteps() =>
    [
        _hooks.PreHalt(),
        new(ShutdownStep, mode == HaltMode.Shutdown ? "shut the zone down" : "kill the zone's processes", ShutDownAsync),
        new("container", "remove container and network", c => host.Runtime.DeleteAsync(Name, c)),
        new("clone", "remove the mapped root", c => host.Runtime.RemoveRootCloneAsync(Name, c)),
    ];

    /// <summary>The steps after which the image is stored and free.</summary>
    public Step[] LetGoSteps() =>
    [
        new("unmount", "unmount the zonepath", c => _mount.UnmountZonePathAsync(mode == HaltMode.Force, c)),
        new("detach", "flush and detach the image", c => _mount.DetachAsync(mode == HaltMode.Force, c)),
    ];

    public Step PostHalt() => _hooks.PostHalt();

    public Step Forget() => new("forget", "release the zone ID", ForgetAsync);

    private async Task ShutDownAsync(CancellationToken cancellation)
    {
        if (host.Index.LoadRun(Name) is { } run)
            host.Index.SaveRun(Name, run with { Phase = ZoneState.ShuttingDown });
        await _mount.LiftLimitsAsync(cancellation);
        // A zone that is ready has an init that has not begun.
        if (mode != HaltMode.Shutdown || host.Runtime.State(Name).Phase == RuntimePhase.Created)
            await KillAsync(cancellation);
        else if (host.ShutdownLimitOf(Name) is var limit
            && await host.Runtime.ShutdownAsync(Name, limit, cancellation) == ShutdownOutcome.Killed)
            reporter.Warning($"{Name}: it did not shut down within {limit.TotalSeconds:0} s and was killed");
    }

    private async Task KillAsync(CancellationToken cancellation)
    {
        try
        {
            await host.Runtime.KillAsync(Name, cancellation);
        }
        catch (LofizoneException error) when (
            _mount.Device is { Engine: null } device
                && MountTable.Read().Holding(device.File.Path) is { FileSystemType: "nfs" or "nfs4" } there)
        {
            // Only the kernel's NFS client can give up its waiting requests. Until then no layer above can be freed.
            throw new LofizoneException(
                $"{Name}: its processes can't end: they wait for {there.Source}, which the kernel has mounted at {there.MountPoint}; "
                + $"until that answers or gives up, {device.LoopDevice} and the zonepath stay, too",
                $"bring the server back; or make the kernel fail what waits: umount -f {there.MountPoint}; then again: zone halt "
                + $"--force {Name}",
                error);
        }
    }

    private Task ForgetAsync(CancellationToken cancellation)
    {
        ZoneRun? run = host.Index.LoadRun(Name);
        host.Index.DeleteRun(Name);
        new ZoneCpus(host).Release(run);
        return Task.CompletedTask;
    }
}
