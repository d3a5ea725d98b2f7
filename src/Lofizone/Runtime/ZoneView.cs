using Lofizone.Config;
using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>
/// The zone's view of the host's kernel and devices, made in the mount namespace in which crun starts. The zone's own mount namespace is a
/// copy of that namespace for another user namespace, and the kernel locks the mounts in such a copy (mount_namespaces(7)). So the zone's
/// root can't remove a mask. The zone's root can't mount another sysfs either, because a masked sysfs is not fully visible. The kernel does
/// not lock masks that crun makes.
/// </summary>
internal static class ZoneView
{
    private const string Devices = "/dev";
    private const string Loopback = "lo";
    private const UnixFileMode ForEveryone =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>
    /// The parts of /sys that tell of the host's hardware, of its loop devices (and so of the paths of shares), or of its NFS and FUSE
    /// mounts.
    /// </summary>
    internal static readonly string[] Masked =
    [
        "firmware", "devices/virtual/powercap", "devices/virtual/block", "devices/virtual/bdi", "class/bdi", "fs/fuse", "fs/nfs",
        "kernel/sunrpc",
    ];

    private static readonly (string Name, uint Major, uint Minor)[] _devices =
        [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

    /// <summary>Mounts the zone's sysfs below its root, and the zone's own device nodes at /dev, where crun takes them from.</summary>
    /// <param name="root">The clone of the zone's root.</param>
    /// <param name="network">
    /// File of the zone's network namespace. A sysfs shows the interfaces of the namespace in which it was mounted.
    /// </param>
    /// <param name="owner">Host ID of the zone's root, who owns the device nodes.</param>
    /// <param name="writable">The parts of the root that the zone may write.</param>
    /// <exception cref="LofizoneException">/sys in the root is not a directory.</exception>
    public static void Prepare(string root, string network, uint owner, WritableParts writable)
    {
        if (!writable.IsAll)
            Protect(root, owner, writable);
        using (DirectoryHandle top = DirectoryHandle.Open(root))
        using (DirectoryHandle sys = OpenInside(top, "sys"))
            MountSys(sys.ProcPath, network);
        foreach (string masked in Masked.Select(m => $"{root}/sys/{m}").Where(Directory.Exists))
            Mount.Attach(
                "tmpfs", masked, "tmpfs", MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec,
                "mode=555,size=4k");

        FillDevices(Devices, Devices, owner);
    }

    /// <summary>Makes the root read-only. /tmp, which every program expects to be writable, is in memory then.</summary>
    private static void Protect(string root, uint owner, WritableParts writable)
    {
        try
        {
            ProtectedTree.Protect(root, writable.Directories, writable.Except);
        }
        catch (LinuxException e)
        {
            throw new LofizoneException(
                $"the zone's root can't be made read-only: {e.Message}", "set file-mac-profile=none, or mend the zone's root", e);
        }

        using DirectoryHandle top = DirectoryHandle.Open(root);
        if (top.TryStat("tmp") is null)
            return;
        using DirectoryHandle temporary = OpenInside(top, "tmp");
        Mount.Attach("tmpfs", temporary.ProcPath, "tmpfs", MountFlags.NoSuid | MountFlags.NoDev,
            $"mode=1777,size=10%,uid={owner},gid={owner}");
    }

    /// <summary>Mounts device nodes at /dev of a tree that is not a zone's root yet.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="owner">Host ID of the zone's root.</param>
    /// <exception cref="LofizoneException">/dev in the root is not a directory.</exception>
    public static void MakeDevices(string root, uint owner)
    {
        using DirectoryHandle top = DirectoryHandle.Open(root);
        using DirectoryHandle place = OpenInside(top, "dev");
        FillDevices(place.ProcPath, $"{root}/dev", owner);
    }

    /// <param name="place">The mount point.</param>
    /// <param name="mounted">Path of the mounted file system. A descriptor of the mount point shows the covered directory.</param>
    /// <param name="owner">Host ID of the nodes' owner.</param>
    private static void FillDevices(string place, string mounted, uint owner)
    {
        Mount.Attach("tmpfs", place, "tmpfs", MountFlags.NoSuid | MountFlags.NoExec, "mode=755,size=4k");
        foreach ((string name, uint major, uint minor) in _devices)
            DeviceNode.Make($"{mounted}/{name}", major, minor, ForEveryone, owner);
    }

    private static DirectoryHandle OpenInside(DirectoryHandle top, string name)
    {
        try
        {
            return top.OpenDirectory(name, PathWalk.NoLinks);
        }
        catch (LinuxException e)
        {
            throw new LofizoneException($"/{name} of the zone is no directory: {e.Message}", "mend the zone's root", e);
        }
    }

    /// <summary>
    /// In the zone's network namespace, where this process is for a moment, the loopback interface is switched on as well.
    /// </summary>
    private static void MountSys(string target, string network)
    {
        using FileDescriptor own = DescriptorPath.Open("/proc/thread-self/ns/net", DescriptorPath.ReadOnly);
        using FileDescriptor zone = DescriptorPath.Open(network, DescriptorPath.ReadOnly);
        Namespaces.Enter(zone, NamespaceKinds.Network);
        try
        {
            NetworkInterface.SwitchOn(Loopback);
            Mount.Attach("sysfs", target, "sysfs", MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);
        }
        finally
        {
            Namespaces.Enter(own, NamespaceKinds.Network);
        }
    }
}
