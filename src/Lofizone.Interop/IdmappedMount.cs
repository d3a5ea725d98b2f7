using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>struct mount_attr of linux/mount.h, MOUNT_ATTR_SIZE_VER0.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MountAttributes
{
    public ulong Set;
    public ulong Clear;
    public ulong Propagation;
    public ulong UserNamespace;
}

/// <summary>
/// A second view of a mounted directory in which owners are shifted: what is owned by n on disk belongs to base+n in the view.
/// open_tree(2), mount_setattr(2) with MOUNT_ATTR_IDMAP, move_mount(2).
/// </summary>
public static unsafe partial class IdmappedMount
{
    // The numbers of system calls added since Linux 5.2 are the same on every architecture .NET runs on.
    private const long OpenTreeCall = 428;
    private const long MoveMountCall = 429;
    private const long MountSetAttrCall = 442;

    private const uint OpenTreeClone = 1;
    private const uint CloseOnExec = 0x80000;
    private const uint NoFollow = 0x100;
    private const uint EmptyPath = 0x1000;
    private const uint MoveFromEmptyPath = 4;
    private const ulong AttributeNoSuid = 0x2;
    private const ulong AttributeNoDev = 0x4;
    private const ulong AttributeIdmap = 0x00100000;
    private const ulong PropagationPrivate = 1 << 18;
    private const int CurrentDirectory = -100;

    /// <summary>Mounts the directory <paramref name="source"/> (without what is mounted below it) at <paramref name="target"/>, IDs shifted by <paramref name="idBase"/>.</summary>
    /// <exception cref="LinuxException">mount_setattr with EINVAL: the file system can't be ID-mapped (NFS, FUSE); ENOSYS: the kernel is older than 5.12.</exception>
    public static void Attach(string source, string target, uint idBase, uint count)
    {
        using FileDescriptor mapping = UserNamespace.Open(idBase, count);
        using FileDescriptor tree = OpenTree(source);
        MountAttributes attributes = new()
        {
            Set = AttributeIdmap | AttributeNoDev,
            // In the clone a set-uid program makes its user the zone's root, as su and sudo need it, and nobody on the host.
            Clear = AttributeNoSuid,
            Propagation = PropagationPrivate,
            UserNamespace = (ulong)mapping.Number,
        };
        if (MountSetAttrNative(MountSetAttrCall, tree, "", EmptyPath, &attributes, (nuint)sizeof(MountAttributes)) != 0)
            throw LinuxException.Last("mount_setattr", source);
        if (MoveMountNative(MoveMountCall, tree, "", CurrentDirectory, target, MoveFromEmptyPath) != 0)
            throw LinuxException.Last("move_mount", target);
    }

    private static FileDescriptor OpenTree(string source)
    {
        nint descriptor = OpenTreeNative(OpenTreeCall, CurrentDirectory, source, OpenTreeClone | CloseOnExec | NoFollow);
        return descriptor < 0 ? throw LinuxException.Last("open_tree", source) : new FileDescriptor((int)descriptor);
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenTreeNative(long call, int directory, string path, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint MountSetAttrNative(long call, FileDescriptor tree, string path, uint flags, MountAttributes* attributes, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint MoveMountNative(long call, FileDescriptor tree, string path, int directory, string target, uint flags);
}
