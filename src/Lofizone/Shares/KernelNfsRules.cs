using Lofizone.Interop;

namespace Lofizone.Shares;

/// <summary>
/// The rules for a directory that the kernel mounts from an NFS server, before an image in the directory may become a device: the server
/// must hold the lock, writes must never be given up silently, and a lost lock must stay lost.
/// </summary>
public static class KernelNfsRules
{
    private const int MajorVersion = 4;
    private const int LeastMinorVersion = 1;

    private static readonly string[] _recoverLostLocks =
        ["/sys/module/nfs/parameters/recover_lost_locks", "/sys/module/nfsv4/parameters/recover_lost_locks"];

    /// <summary>Checks the mount that holds a share's directory. A directory that is not on NFS passes.</summary>
    /// <exception cref="LofizoneException">The mount is unfit. The message gives the reason and the remedy.</exception>
    public static void Check(ShareUri directory) => Check(directory, directory.Path);

    /// <summary>Checks a directory of this host on which a share is mounted.</summary>
    public static void Check(ShareUri share, string path) => Check(share, path, MountTable.Read(), RecoversLostLocks());

    /// <summary>
    /// Tells whether a path lies directly on a file system mounted from an NFS server. Links in the path are not resolved.
    /// </summary>
    public static bool IsOnNfs(string path, MountTable mounts) => mounts.Holding(path) is { } mount && IsNfs(mount);

    internal static void Check(ShareUri directory, string path, MountTable mounts, bool recoversLostLocks)
    {
        if (mounts.Holding(path) is not { } mount || !IsNfs(mount))
            return;
        if (Reason(mount) is { } found)
            throw new LofizoneException(
                $"{directory}: the NFS mount at {mount.MountPoint} is unfit for images: {found.Reason}", found.Advice);
        if (recoversLostLocks)
            throw new LofizoneException(
                $"{directory}: the NFS client of this host is set to recover_lost_locks: it would take a lost lock again behind the "
                + "zone's back, after another host may have written the image",
                "set it to N: echo N > /sys/module/nfs/parameters/recover_lost_locks (and remove the option nfs.recover_lost_locks "
                + "from the kernel command line or /etc/modprobe.d), then mount again");
    }

    private static bool IsNfs(MountEntry mount) => mount.FileSystemType is "nfs" or "nfs4";

    private static (string Reason, string Advice)? Reason(MountEntry mount)
    {
        string again = $"umount {mount.MountPoint}; mount -t nfs4 -o ";
        string tail = $" {mount.Source} {mount.MountPoint}";
        string version = mount.SuperOption("vers") ?? mount.SuperOption("nfsvers") ?? (mount.FileSystemType == "nfs4" ? "4" : "3");
        if (!IsFit(version))
            return (
                $"NFS version {version}, but only locks of version 4.1 or later are sure to be the server's and end with the lease",
                again + "vers=4.2" + tail);
        foreach (string soft in (string[])["soft", "softerr"])
            if (mount.SuperOption(soft) is not null)
                return ($"mounted {soft}: a slow server would make writes fail and lose data", again + "vers=4.2,hard" + tail);
        if (mount.SuperOption("nolock") is not null)
            return ("mounted nolock: locks would not reach the server, so two hosts could write one image", again + "vers=4.2,lock" + tail);
        if (mount.SuperOption("local_lock") is { } local and not "none")
            return (
                $"mounted local_lock={local}: locks would not reach the server, so two hosts could write one image",
                again + "vers=4.2,local_lock=none" + tail);
        return null;
    }

    private static bool IsFit(string version)
    {
        string[] parts = version.Split('.');
        return int.TryParse(parts[0], out int major)
            && (major > MajorVersion
                || major == MajorVersion && parts.Length > 1 && int.TryParse(parts[1], out int minor) && minor >= LeastMinorVersion);
    }

    private static bool RecoversLostLocks()
    {
        foreach (string path in _recoverLostLocks)
            if (File.Exists(path) && File.ReadAllText(path).Trim() is "Y" or "1")
                return true;
        return false;
    }
}
