using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>pivot_root(2) for a thread in its own mount namespace.</summary>
public static partial class RootChange
{
    private const long CallX64 = 155;
    private const long CallArm64 = 41;

    /// <summary>Makes a mounted directory the root, and removes all former mounts from the namespace.</summary>
    /// <exception cref="LinuxException">EINVAL when <paramref name="directory"/> is not a mount point.</exception>
    public static void To(string directory)
    {
        Directory.SetCurrentDirectory(directory);
        // pivot_root puts the old root on top of the new root (pivot_root(2), "pivot_root(".", ".")"). The unmount below removes the old
        // root.
        if (PivotNative(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? CallArm64 : CallX64, ".", ".") != 0)
            throw LinuxException.Last("pivot_root", directory);
        Mount.Detach(".", UnmountFlags.Detach);
        Directory.SetCurrentDirectory("/");
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint PivotNative(long call, string newRoot, string putOld);
}
