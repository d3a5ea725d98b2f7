using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Devices;

/// <summary>
/// The detach of a device that an administrator attached by hand, when the host stops. The device is detached while the network is still
/// up, so that the page cache reaches the server.
/// </summary>
public static class DeviceStop
{
    /// <summary>
    /// Unmounts the device in the caller's mount namespace, and detaches the device. A device whose server is silent for 10 s is given up.
    /// </summary>
    /// <param name="devices">This host's devices.</param>
    /// <param name="device">The device.</param>
    /// <param name="kernel">Makes the unmounts.</param>
    /// <param name="time">Clock of the limit.</param>
    /// <param name="cancellation">Ends the unmount.</param>
    /// <exception cref="LofizoneException">The device is in use, or the server was silent.</exception>
    public static Task RunAsync(
        LofiDevices devices, LofiDevice device, IKernelCalls kernel, TimeProvider time, CancellationToken cancellation) =>
        BriefUse.RunAsync(
            devices,
            device,
            async stop =>
            {
                // The last mount lies on top of the others.
                foreach (MountEntry mount in DeviceUsers.MountsOf(MountTable.Read(), device.Link, device.LoopDevice).Reverse())
                    await new BusyMount(kernel, time).DetachAsync(mount.MountPoint, device.Link, stop);
            },
            time,
            cancellation);
}
