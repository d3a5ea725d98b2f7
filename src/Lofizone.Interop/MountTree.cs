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

/// <summary>Clones of mounts that are not attached yet: open_tree(2), mount_setattr(2), move_mount(2).</summary>
internal static unsafe partial class MountTree
{
    // MOUNT_ATTR_* of linux/mount.h.
    public const ulong ReadOnly = 0x1;
    public const ulong NoSuid = 0x2;
    public const ulong NoDev = 0x4;
    public const ulong NoExec = 0x8;
    public const ulong Idmap = 0x00100000;
    public const ulong NoSymFollow = 0x00200000;
    public const ulong PropagationPrivate = 1 << 18;

    // The numbers of system calls added since Linux 5.2 are the same on every architecture .NET runs on.
    private const long OpenTreeCall = 428;
    private const long MoveMountCall = 429;
    private const long MountSetAttrCall = 442;

    private const uint OpenTreeClone = 1;
    private const uint CloseOnExec = 0x80000;
    private const uint NoFollow = 0x100;
    private const uint EmptyPath = 0x1000;
    private const uint MoveFromEmptyPath = 4;
    private const uint MoveToEmptyPath = 0x40;
    private const int CurrentDirectory = -100;

    /// <summary>
    /// A clone of the mount that holds a directory, from that directory down, without the mounts below. The clone ends when its descriptor
    /// is closed.
    /// </summary>
    public static FileDescriptor Clone(string directory)
    {
        nint descriptor = OpenTreeNative(OpenTreeCall, CurrentDirectory, directory, OpenTreeClone | CloseOnExec | NoFollow);
        return descriptor < 0 ? throw LinuxException.Last("open_tree", directory) : new FileDescriptor((int)descriptor);
    }

    /// <summary>A clone of the mount that holds an open directory, from that directory down.</summary>
    public static FileDescriptor Clone(FileDescriptor directory)
    {
        nint descriptor = OpenTreeAtNative(OpenTreeCall, directory, "", OpenTreeClone | CloseOnExec | EmptyPath);
        return descriptor < 0 ? throw LinuxException.Last("open_tree") : new FileDescriptor((int)descriptor);
    }

    public static void Change(FileDescriptor tree, MountAttributes attributes, string directory)
    {
        if (MountSetAttrNative(MountSetAttrCall, tree, "", EmptyPath, &attributes, (nuint)sizeof(MountAttributes)) != 0)
            throw LinuxException.Last("mount_setattr", directory);
    }

    public static void Place(FileDescriptor tree, string target) =>
        LinuxException.Check(MoveMountNative(MoveMountCall, tree, "", CurrentDirectory, target, MoveFromEmptyPath), "move_mount", target);

    /// <summary>Mounts a clone at an open directory.</summary>
    public static void Place(FileDescriptor tree, FileDescriptor target) =>
        LinuxException.Check(MoveMountAtNative(MoveMountCall, tree, "", target, "", MoveFromEmptyPath | MoveToEmptyPath), "move_mount");

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenTreeAtNative(long call, FileDescriptor directory, string path, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint MoveMountAtNative(
        long call, FileDescriptor tree, string path, FileDescriptor directory, string target, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenTreeNative(long call, int directory, string path, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint MountSetAttrNative(
        long call, FileDescriptor tree, string path, uint flags, MountAttributes* attributes, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint MoveMountNative(long call, FileDescriptor tree, string path, int directory, string target, uint flags);
}
