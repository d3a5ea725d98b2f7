namespace Lofizone.Explain;

/// <summary>One line of <c>zone df</c>, as df -k has them.</summary>
/// <param name="FileSystem">The share's URI, or the lofi device.</param>
/// <param name="TotalBytes">Size of the file system.</param>
/// <param name="UsedBytes">Used.</param>
/// <param name="AvailableBytes">What may still be used.</param>
/// <param name="MountedOn">The mount point, or null for a share that only the engine speaks to.</param>
/// <param name="Problem">Why there are no figures; null when there are.</param>
public sealed record SpaceRow(
    string FileSystem, long TotalBytes, long UsedBytes, long AvailableBytes, string? MountedOn, string? Problem = null)
{
    /// <summary>Used part of what is usable, percent, rounded up as df does.</summary>
    public int CapacityPercent => UsedBytes + AvailableBytes <= 0
        ? 0
        : (int)((100 * UsedBytes + UsedBytes + AvailableBytes - 1) / (UsedBytes + AvailableBytes));
}
