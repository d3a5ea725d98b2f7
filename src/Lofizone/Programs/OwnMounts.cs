using Lofizone.Interop;

namespace Lofizone.Programs;

/// <summary>
/// A mount namespace of its own for the calling thread, and for the program that the thread becomes. The namespace has no images of other
/// zones in it: what the host unmounts would stay mounted in the copy, for as long as the copy lives.
/// </summary>
internal static class OwnMounts
{
    private const int LoopMajor = 7;

    /// <summary>Leaves the caller's mount namespace; what is mounted from now on is seen by this thread alone.</summary>
    /// <param name="keep">A directory whose mount stays, with the mounts above it.</param>
    /// <exception cref="LinuxException">EPERM without CAP_SYS_ADMIN.</exception>
    public static void Leave(string keep)
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
                // The zone was halted meanwhile and the mount point removed, which takes the mount away here too.
            }
        }
    }

    private static bool IsImage(MountEntry mount) => mount.FileSystemType.StartsWith("fuse", StringComparison.Ordinal)
        || mount.Source.StartsWith("/dev/loop", StringComparison.Ordinal)
        || mount.Source.Contains("/lofi/", StringComparison.Ordinal)
        || mount.Source.StartsWith($"{LoopMajor}:", StringComparison.Ordinal);

    private static bool IsNeeded(string mountPoint, string keep) => mountPoint == "/" || keep == mountPoint
        || keep.StartsWith(mountPoint + "/", StringComparison.Ordinal)
        || OwnProgram.Path.StartsWith(mountPoint + "/", StringComparison.Ordinal);
}
