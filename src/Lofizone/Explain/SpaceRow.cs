namespace Lofizone.Explain;

/// <summary>One line of <c>zone df</c>, in the form of df -k.</summary>
/// <param name="FileSystem">The share's URI, or the lofi device.</param>
/// <param name="TotalBytes">Size of the file system, bytes.</param>
/// <param name="UsedBytes">Used space, bytes.</param>
/// <param name="AvailableBytes">Space that may still be used, bytes.</param>
/// <param name="MountedOn">The mount point; null for a share that only the engine reaches.</param>
/// <param name="Problem">The reason why there are no figures; null when there are figures.</param>
public sealed record SpaceRow(
    string FileSystem, long TotalBytes, long UsedBytes, long AvailableBytes, string? MountedOn, string? Problem = null)
{
    /// <summary>Used part of the usable space in percent, rounded up as df does.</summary>
    public int CapacityPercent => UsedBytes + AvailableBytes <= 0
        ? 0
        : (int)((100 * UsedBytes + UsedBytes + AvailableBytes - 1) / (UsedBytes + AvailableBytes));
}
