namespace Lofizone.Devices;

/// <summary>
/// A device that was attached to be looked at, and goes again: nothing of it is wanted that is not stored, so that a server that falls
/// silent meanwhile is waited for briefly.
/// </summary>
internal static class BriefUse
{
    /// <summary>Looks, and detaches the device whatever came of it.</summary>
    /// <param name="devices">This host's.</param>
    /// <param name="device">The device.</param>
    /// <param name="look">What is done with it; it may wait in the kernel.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the look.</param>
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
