using Lofizone.Devices;
using Lofizone.Interop;

namespace Lofizone.Explain;

/// <summary>Where a lofi device is mounted.</summary>
internal static class LoopMounts
{
    /// <summary>
    /// The first mount point of the device in the global zone, or null. Both names of the device count: mount(8) keeps the one it was
    /// given.
    /// </summary>
    public static string? PointOf(LofiDevice device) =>
        MountTable.Read().Entries.FirstOrDefault(e => e.Source == device.LoopDevice || e.Source == device.Link)?.MountPoint;
}
