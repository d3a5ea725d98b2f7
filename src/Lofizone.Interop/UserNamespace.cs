using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>
/// A user namespace, and a network namespace that the user namespace owns: root of the user namespace administers the network.
/// </summary>
public sealed record OwnedNetwork(FileDescriptor User, FileDescriptor Network) : IDisposable
{
    public void Dispose()
    {
        User.Dispose();
        Network.Dispose();
    }
}

/// <summary>
/// A user namespace without a process, for an ID mapping (mount_setattr(2)) or for a program that enters the namespace later. A child that
/// is ended at once makes the namespace. The namespace lives on as a descriptor, so that a kill of this process leaves nothing behind.
/// </summary>
public static unsafe partial class UserNamespace
{
    private const int ChildStackBytes = 64 << 10;
    private const int StackAlignment = 16;
    private const int WaitAll = 0x40000000;

    /// <summary>Time in seconds after which the child ends by itself, in case this process is killed before it ends the child.</summary>
    private const uint ChildLifeSeconds = 10;

    /// <summary>
    /// Opens a new user namespace, in which the IDs 0 … count-1 are the host's base … base+count-1, for users and groups.
    /// </summary>
    /// <exception cref="LinuxException">
    /// The kernel allows no more user namespaces (user.max_user_namespaces), or this process is not root.
    /// </exception>
    public static FileDescriptor Open(uint idBase, uint count) =>
        OfChild(NamespaceKinds.User, idBase, count, child => DescriptorPath.Open($"/proc/{child}/ns/user", DescriptorPath.ReadOnly));

    /// <summary>Opens a user namespace as <see cref="Open"/> does, with a network namespace.</summary>
    /// <exception cref="LinuxException">See <see cref="Open"/>.</exception>
    public static OwnedNetwork OpenWithNetwork(uint idBase, uint count) =>
        OfChild(NamespaceKinds.User | NamespaceKinds.Network, idBase, count, child =>
    {
        FileDescriptor user = DescriptorPath.Open($"/proc/{child}/ns/user", DescriptorPath.ReadOnly);
        try
        {
            return new OwnedNetwork(user, DescriptorPath.Open($"/proc/{child}/ns/net", DescriptorPath.ReadOnly));
        }
        catch
        {
            user.Dispose();
            throw;
        }
    });

    private static T OfChild<T>(NamespaceKinds kinds, uint idBase, uint count, Func<int, T> open)
    {
        // clone(2) gets libc's own sleep as the child's function. No managed code may run in the child: the child has only one thread and
        // could not serve the runtime's garbage collector. With exit signal 0 the runtime's SIGCHLD handler never sees the child.
        nint sleep = NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "sleep");
        byte* stack = (byte*)NativeMemory.AlignedAlloc(ChildStackBytes, StackAlignment);
        int child = -1;
        try
        {
            child = CloneNative(sleep, stack + ChildStackBytes, (int)kinds, (void*)ChildLifeSeconds);
            if (child < 0)
                throw LinuxException.Last("clone", kinds.ToString());
            string map = $"0 {idBase} {count}";
            File.WriteAllText($"/proc/{child}/uid_map", map);
            File.WriteAllText($"/proc/{child}/gid_map", map);
            return open(child);
        }
        finally
        {
            if (child > 0)
            {
                _ = Signals.Send(child, Signal.Kill);
                _ = WaitNative(child, null, WaitAll);
            }

            NativeMemory.AlignedFree(stack);
        }
    }

    [LibraryImport("libc", EntryPoint = "clone", SetLastError = true)]
    private static partial int CloneNative(nint function, void* stack, int flags, void* argument);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitNative(int process, int* status, int options);
}
