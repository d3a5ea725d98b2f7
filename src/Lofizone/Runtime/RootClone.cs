using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>
/// The ID-mapped clone of a zone's root. The owners on disk stay 0 … 65535, and the zone's user namespace sees them as its own.
/// </summary>
internal static class RootClone
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode PassByOthers = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static void Attach(RuntimeContext context, ZoneLaunch launch)
    {
        RuntimePaths paths = context.Paths(launch.Name);
        MakePassable(context, paths);
        Directory.CreateDirectory(paths.UserNamespaceDirectory, OwnerOnly);
        DescriptorPath.ChangeOwner(paths.UserNamespaceDirectory, launch.UidBase, launch.UidBase);
        while (IsMounted(paths.Root))
            Mount.Detach(paths.Root);
        Directory.CreateDirectory(paths.Root, OwnerOnly);
        DescriptorPath.ChangeOwner(paths.Root, launch.UidBase, launch.UidBase);
        try
        {
            IdmappedMount.Attach(launch.RootDirectory, paths.Root, launch.UidBase, launch.IdCount);
        }
        catch (LinuxException e) when (e.Call == "mount_setattr" && e.Errno is Errno.EINVAL or Errno.ENOSYS)
        {
            throw new LofizoneException(
                $"zone {launch.Name}: the file system of {launch.RootDirectory} can't be mounted with shifted owners ({e.Message})",
                "use ext4, xfs (Linux 5.12) or btrfs (Linux 5.15) in the image",
                e);
        }
        catch (LinuxException e)
        {
            throw new LofizoneException($"zone {launch.Name}: its root can't be given to it: {e.Message}", null, e);
        }
    }

    public static async Task DetachAsync(RuntimeContext context, string zone, CancellationToken cancellation)
    {
        RuntimePaths paths = context.Paths(zone);
        while (IsMounted(paths.Root))
            await new BusyMount(context.Kernel, context.Time).DetachAsync(paths.Root, $"zone {zone}", cancellation);
        RemoveDirectory(paths.Root);
        RemoveDirectory(paths.UserNamespaceDirectory);
    }

    // The removal is never recursive, because the zone's own files lie below the mount point.
    private static void RemoveDirectory(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: false);
    }

    private static bool IsMounted(string path) => MountTable.Read().At(path) is not null;

    // In the user namespace crun is a plain user of the host, so every directory on the way must let that user pass.
    private static void MakePassable(RuntimeContext context, RuntimePaths paths)
    {
        Directory.CreateDirectory(paths.Directory, PassByOthers);
        File.SetUnixFileMode(paths.Directory, PassByOthers);
        for (string? path = Path.GetDirectoryName(paths.Directory); path is not null; path = Path.GetDirectoryName(path))
        {
            UnixFileMode mode = File.GetUnixFileMode(path);
            if (mode.HasFlag(UnixFileMode.OtherExecute))
                continue;
            if (path != context.Host.Run && !path.StartsWith(context.Host.Run + "/", StringComparison.Ordinal))
                throw new LofizoneException(
                    $"zone {paths.Zone}: its own root user can't pass {path} (mode {Convert.ToString((int)mode, 8)})",
                    $"let others pass: chmod o+x {path}");
            File.SetUnixFileMode(path, mode | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }
}
