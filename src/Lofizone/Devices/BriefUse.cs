namespace Lofizone.Devices;

/// <summary>
/// Short use of a device that was attached for an examination. No unstored data of the device matters, so a server that falls silent is
/// waited for only briefly.
/// </summary>
internal static class BriefUse
{
    /// <summary>Runs the examination, and detaches the device whatever the result.</summary>
    /// <param name="devices">This host's devices.</param>
    /// <param name="device">The device.</param>
    /// <param name="look">The examination, which may wait in the kernel.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the examination.</param>
    /// <exception cref="LofizoneException">The device's server was silent for 10 s.</exception>
    public static async Task RunAsync(
        LofiDevices devices, LofiDevice device, Func<CancellationToken, Task> look, TimeProvider time, CancellationToken cancellation)
    {
        StallSubject subject = new(
            device.File.ToString(), $"lofiadm -f -d {device.Link}", c => devices.StallAsync(device, c),
            c => devices.AbortIfStalledAsync(device, c),
            stall => new LofizoneException($"{device.File}: {stall}", $"{stall.Cure} and run again"));
        try
        {
            await new StallWatch(subject, SilentReporter.Instance, time)
                .RunAsync(look, new StallPatience(StallPatience.OfStop, StallEnd.GiveUpDevice), cancellation);
        }
        finally
        {
            bool lost = await devices.AbortIfStalledAsync(device, CancellationToken.None) is not null
                || devices.Get(device.Number) is { HasLostStore: true };
            await devices.DetachAsync(device, new DetachOptions(Force: lost), CancellationToken.None);
        }
    }
}
