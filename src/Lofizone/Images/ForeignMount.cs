using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Images;

/// <summary>
/// Mounts the file systems of images; no other class does. A writer of the share controls their whole content, also the superblock. A
/// superblock can ask for a panic of the host on errors, a journal on another device, or mount options. A mount by this class gives no
/// rights on this host: set-user-ID programs, device nodes, programs and symbolic links do not count. A zone gets programs and links back
/// in its own clone (<see cref="IdmappedMount"/>), and this host's own walks in a <see cref="MountView"/>.
/// </summary>
internal static class ForeignMount
{
    internal const MountFlags Guards = MountFlags.NoDev | MountFlags.NoSuid | MountFlags.NoExec | MountFlags.NoSymFollow;

    /// <summary>Mounts an image to be used.</summary>
    /// <exception cref="LofizoneException">
    /// The superblock has a request that no image may have; or, without advice, the kernel refuses.
    /// </exception>
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
    /// Mounts a file system for an examination. The device must refuse all writes (<see cref="ReadOnlyDevice"/>), because a mount without
    /// journal replay still deletes orphans.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void AttachReadOnly(ReadOnlyDevice device, string target, string fsType) =>
        Mount.Attach(device.Path, target, fsType, Guards | MountFlags.ReadOnly, $"{Options(fsType)},{Unreplayed(fsType)}".Trim(','));

    /// <summary>The reason why the kernel may have refused a file system.</summary>
    public static LofizoneException Explain(string device, Errno errno)
    {
        IReadOnlyList<string> features = ExtSuperblock.Read(device)?.UnusualFeatures ?? [];
        string why = features.Count > 0 ? $"; its file system has features that not every kernel knows: {string.Join(", ", features)}" : "";
        return new LofizoneException($"{device}: this kernel can't mount the image's file system ({LinuxException.Describe(errno)}){why}");
    }

    /// <summary>
    /// Mount options. The image must not choose the reaction to damage: an ext4 becomes read-only, whatever its superblock says. xfs and
    /// btrfs stop by themselves and have no other reaction. A copy of an xfs has the UUID of the original, and the kernel mounts both only
    /// with nouuid.
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
