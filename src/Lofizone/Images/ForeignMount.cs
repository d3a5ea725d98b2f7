using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Images;

/// <summary>
/// Mounts the file systems of images: the one place that does. Whoever can write to a share has filled them, superblock and all, and a
/// superblock can ask for more than blocks: a panic of the host on its errors, a journal on another device, options of its own.
/// What is mounted here gives nobody a right on this host: no set-user-ID program, no device node, no program and no symbolic link counts.
/// A zone gets programs and links back in its own clone (<see cref="IdmappedMount"/>), this host's own walks in a <see cref="MountView"/>.
/// </summary>
internal static class ForeignMount
{
    internal const MountFlags Guards = MountFlags.NoDev | MountFlags.NoSuid | MountFlags.NoExec | MountFlags.NoSymFollow;

    /// <summary>Mounts an image to be used.</summary>
    /// <exception cref="LofizoneException">The superblock asks for what no image may have; or, without advice, the kernel
    /// refuses.</exception>
    public static async Task AttachAsync(IKernelCalls kernel, string device, string target, string fsType, CancellationToken cancellation)
    {
        if (MountObstacle.Find(device, fsType) is { } obstacle)
            throw new LofizoneException($"{device}: {obstacle.What}", obstacle.Mend);
        try
        {
            await kernel.MountAsync(device, target, fsType, Guards | MountFlags.RelativeAtime, Options(fsType), cancellation);
        }
        catch (LinuxException error)
        {
            throw Explain(device, error.Errno);
        }
    }

    /// <summary>
    /// Mounts a file system to be looked at. The device must be one that nothing can be written to (<see cref="ReadOnlyDevice"/>): a mount
    /// that replays no journal still deletes orphans.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void AttachReadOnly(ReadOnlyDevice device, string target, string fsType) =>
        Mount.Attach(device.Path, target, fsType, Guards | MountFlags.ReadOnly, $"{Options(fsType)},{Unreplayed(fsType)}".Trim(','));

    /// <summary>Why the kernel may have refused a file system.</summary>
    public static LofizoneException Explain(string device, Errno errno)
    {
        IReadOnlyList<string> features = ExtSuperblock.Read(device)?.UnusualFeatures ?? [];
        string why = features.Count > 0 ? $"; its file system has features that not every kernel knows: {string.Join(", ", features)}" : "";
        return new LofizoneException($"{device}: this kernel can't mount the image's file system ({LinuxException.Describe(errno)}){why}");
    }

    /// <summary>
    /// What to do on a damaged file system is not left to the image: an ext4 becomes read-only, whatever its superblock says. xfs and btrfs
    /// stop by themselves and know no other way. A copy of an xfs has the UUID of the first, and the kernel mounts both only with nouuid.
    /// </summary>
    private static string? Options(string fsType) => fsType switch
    {
        FileSystemTypes.Ext4 => "errors=remount-ro",
        FileSystemTypes.Xfs => "nouuid",
        _ => null,
    };

    /// <summary>Documentation/admin-guide/ext4.rst, xfs.rst; btrfs(5).</summary>
    private static string? Unreplayed(string fsType) => fsType switch
    {
        FileSystemTypes.Ext4 => "noload",
        FileSystemTypes.Xfs => "norecovery",
        FileSystemTypes.Btrfs => "rescue=nologreplay",
        _ => null,
    };
}
