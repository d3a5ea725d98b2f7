using Lofizone.Interop;

namespace Lofizone.Doctor;

/// <summary>
/// Finds out whether this kernel can mount a file system, by mounting it: read-only, without replaying its journal, in a mount
/// namespace of a thread that ends with it, so that nothing is changed and nothing stays, even when the command is killed.
/// </summary>
internal static class TrialMount
{
    /// <summary>The kernel's error, or null when it can be mounted.</summary>
    /// <param name="device">The block device.</param>
    /// <param name="fsType"><c>ext4</c>, <c>xfs</c> or <c>btrfs</c>.</param>
    /// <param name="directory">Any directory of this host; hidden for the thread alone.</param>
    public static Errno? Try(string device, string fsType, string directory)
    {
        LinuxException? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Namespaces.Unshare(NamespaceKinds.Mount);
                Mount.Attach(null, "/", null, MountFlags.Private | MountFlags.Recursive);
                Mount.Attach(device, directory, fsType, MountFlags.ReadOnly | MountFlags.NoDev | MountFlags.NoSuid | MountFlags.NoExec, Unreplayed(fsType));
                Mount.Detach(directory);
            }
            catch (LinuxException e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure?.Errno;
    }

    /// <summary>Documentation/admin-guide/ext4.rst, xfs.rst; btrfs(5).</summary>
    private static string? Unreplayed(string fsType) => fsType switch
    {
        "ext4" => "noload",
        "xfs" => "norecovery,nouuid",
        "btrfs" => "rescue=nologreplay",
        _ => null,
    };
}
