using System.Globalization;
using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// A user namespace that exists only to carry an ID mapping (for mount_setattr(2)). No process lives in it: it is made by a child that
/// ends at once, and lives on as a descriptor, so that nothing is left behind whenever this process is killed.
/// </summary>
public static unsafe partial class UserNamespace
{
    private const int ChildStackBytes = 64 << 10;
    private const int StackAlignment = 16;
    private const int WaitAll = 0x40000000;

    /// <summary>Opens a new user namespace in which IDs 0 … count-1 are the host's base … base+count-1, for users and groups.</summary>
    /// <exception cref="LinuxException">The kernel makes no user namespaces (user.max_user_namespaces) or this is not root.</exception>
    public static FileDescriptor Open(uint idBase, uint count)
    {
        // clone(2) with libc's own _exit as the child's function: no managed code runs in the child, which has one thread only and
        // so could not serve the runtime's garbage collector. Exit signal 0: the runtime's SIGCHLD handler never sees the child.
        nint exit = NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "_exit");
        byte* stack = (byte*)NativeMemory.AlignedAlloc(ChildStackBytes, StackAlignment);
        int child = -1;
        try
        {
            child = CloneNative(exit, stack + ChildStackBytes, (int)NamespaceKinds.User, null);
            if (child < 0)
                throw LinuxException.Last("clone", "user namespace");
            // An ended child keeps its credentials, and with them the namespace, until it is waited for.
            string map = string.Create(CultureInfo.InvariantCulture, $"0 {idBase} {count}");
            File.WriteAllText($"/proc/{child}/uid_map", map);
            File.WriteAllText($"/proc/{child}/gid_map", map);
            return DescriptorPath.Open($"/proc/{child}/ns/user", DescriptorPath.ReadOnly);
        }
        finally
        {
            if (child > 0)
                _ = WaitNative(child, null, WaitAll);
            NativeMemory.AlignedFree(stack);
        }
    }

    [LibraryImport("libc", EntryPoint = "clone", SetLastError = true)]
    private static partial int CloneNative(nint function, void* stack, int flags, void* argument);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitNative(int process, int* status, int options);
}
