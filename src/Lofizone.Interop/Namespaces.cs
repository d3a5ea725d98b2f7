using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Kinds of namespaces, CLONE_NEW* of linux/sched.h.</summary>
[Flags]
public enum NamespaceKinds
{
    None = 0,
    Mount = 0x00020000,
    Cgroup = 0x02000000,
    Uts = 0x04000000,
    Ipc = 0x08000000,
    User = 0x10000000,
    Pid = 0x20000000,
    Network = 0x40000000,
}

/// <summary>unshare(2) and setns(2).</summary>
public static partial class Namespaces
{
    /// <summary>
    /// Gives the calling thread new namespaces. Other threads keep theirs, so this method is for a thread that executes another program
    /// next. The method can't make a user namespace, because the kernel refuses that in a process with several threads (unshare(2),
    /// CLONE_NEWUSER).
    /// </summary>
    /// <exception cref="LinuxException">EPERM without CAP_SYS_ADMIN.</exception>
    public static void Unshare(NamespaceKinds kinds) =>
        LinuxException.Check(UnshareNative((int)kinds), "unshare", kinds.ToString());

    /// <summary>Moves the calling thread into the namespace that <paramref name="descriptor"/> (of /proc/PID/ns) refers to.</summary>
    /// <exception cref="LinuxException">EINVAL when the namespace is of another kind.</exception>
    public static void Enter(FileDescriptor descriptor, NamespaceKinds kind) =>
        LinuxException.Check(SetNamespaceNative(descriptor, (int)kind), "setns", kind.ToString());

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int UnshareNative(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespaceNative(FileDescriptor descriptor, int kind);
}
