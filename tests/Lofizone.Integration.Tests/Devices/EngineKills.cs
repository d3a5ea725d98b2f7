using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Testing;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>Kills the processes behind a device with SIGKILL, and waits for the consequences.</summary>
internal static class EngineKills
{
    public static async Task KillAsync(ProcessIdentity process, CancellationToken cancellation)
    {
        Processes.Send(process, Signal.Kill);
        Assert.True(await Processes.WaitForEndAsync(process, Wait.Limit, cancellation));
    }

    /// <summary>Kills the engine and waits until another one answers.</summary>
    public static async Task<LofiDevice> KillEngineAsync(LofiDevices devices, LofiDevice device, CancellationToken cancellation)
    {
        ProcessIdentity old = Assert.IsType<ProcessIdentity>(devices.Get(device.Number)!.Engine);
        await KillAsync(old, cancellation);
        return await UntilAsync(devices, device, status => status.Pid != old.Pid && status.Connected, cancellation);
    }

    /// <summary>Kills the keeper and waits until the engine has another one.</summary>
    public static async Task<LofiDevice> KillKeeperAsync(LofiDevices devices, LofiDevice device, CancellationToken cancellation)
    {
        ProcessIdentity old = Assert.IsType<ProcessIdentity>(devices.Get(device.Number)!.Keeper);
        await KillAsync(old, cancellation);
        await UntilAsync(devices, device, status => status.KeeperPid is { } pid && pid != old.Pid, cancellation);
        await Wait.UntilAsync(
            () => devices.Get(device.Number)!.Keeper is { IsAlive: true } keeper && keeper != old, "no other keeper is noted", cancellation);
        return devices.Get(device.Number)!;
    }

    /// <summary>Kills keeper and engine. Both are stopped first, so that neither can restart the other.</summary>
    public static async Task KillBothAsync(LofiDevices devices, LofiDevice device, CancellationToken cancellation)
    {
        device = devices.Get(device.Number)!;
        ProcessIdentity keeper = Assert.IsType<ProcessIdentity>(device.Keeper);
        ProcessIdentity engine = Assert.IsType<ProcessIdentity>(device.Engine);
        const int Stop = 19;
        foreach (ProcessIdentity process in new[] { keeper, engine })
        {
            using ProcessHandle handle = ProcessHandle.Open(process.Pid)!;
            handle.Signal(Stop);
        }

        await KillAsync(keeper, cancellation);
        await KillAsync(engine, cancellation);
    }

    private static async Task<LofiDevice> UntilAsync(LofiDevices devices, LofiDevice device, Func<EngineStatus, bool> condition, CancellationToken cancellation)
    {
        await Wait.UntilAsync(
            async () => await devices.StatusAsync(device, Wait.Limit, cancellation) is { } status && condition(status),
            $"{device.Link}: its engine does not become what is waited for", cancellation);
        return devices.Get(device.Number)!;
    }
}
