using Lofizone.Devices;
using Lofizone.Interop;

namespace Lofizone.Explain;

/// <summary>Mount points of lofi devices.</summary>
internal static class LoopMounts
{
    /// <summary>
    /// The first mount point of the device in the global zone; null when it is not mounted. Both names of the device count, because
    /// mount(8) keeps the name that it was given.
    /// </summary>
    public static string? PointOf(LofiDevice device) =>
        MountTable.Read().Entries.FirstOrDefault(e => e.Source == device.LoopDevice || e.Source == device.Link)?.MountPoint;
}
