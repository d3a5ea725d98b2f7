using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// Gives the calling thread, and the program that the thread becomes, a mount namespace of its own (mount_namespaces(7)). The namespace
/// holds no mounts of other zones' images. A copy of such a mount would keep the image mounted after the host's unmount, as long as the
/// namespace exists.
/// </summary>
internal static class OwnMounts
{
    /// <summary>Type of lxcfs's file system. It holds no image, and zones get files of it.</summary>
    public const string LxcfsType = "fuse.lxcfs";

    private const int LoopMajor = 7;

    /// <summary>Leaves the caller's mount namespace. Only this thread sees later mounts.</summary>
    /// <param name="keep">A directory whose mount stays, with the mounts above it.</param>
    /// <exception cref="LinuxException">EPERM without CAP_SYS_ADMIN.</exception>
    public static void UnshareMounts(string keep)
    {
        Namespaces.Unshare(NamespaceKinds.Mount);
        Mount.Attach(null, "/", null, MountFlags.Private | MountFlags.Recursive);
        // The copy has the same mounts as the caller's namespace, which /proc/self/mountinfo shows.
        foreach (MountEntry mount in MountTable.Read().Entries.Reverse())
        {
            if (!IsImage(mount) || IsNeeded(mount.MountPoint, keep))
                continue;
            try
            {
                Mount.Detach(mount.MountPoint, UnmountFlags.Detach | UnmountFlags.NoFollow);
            }
            catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.EINVAL)
            {
                // The zone was halted meanwhile, and its mount point removed. The removal also ended the mount in this namespace.
            }
        }
    }

    private static bool IsImage(MountEntry mount) =>
        (mount.FileSystemType.StartsWith("fuse", StringComparison.Ordinal) && mount.FileSystemType != LxcfsType)
        || mount.Source.StartsWith("/dev/loop", StringComparison.Ordinal)
        || mount.Source.Contains("/lofi/", StringComparison.Ordinal)
        || mount.Source.StartsWith($"{LoopMajor}:", StringComparison.Ordinal);

    private static bool IsNeeded(string mountPoint, string keep) => mountPoint == "/" || keep == mountPoint
        || keep.StartsWith(mountPoint + "/", StringComparison.Ordinal)
        || OwnProgram.Path.StartsWith(mountPoint + "/", StringComparison.Ordinal);
}
