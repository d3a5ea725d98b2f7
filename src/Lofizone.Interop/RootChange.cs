using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>pivot_root(2) for a thread in a mount namespace of its own.</summary>
public static partial class RootChange
{
    private const long CallX64 = 155;
    private const long CallArm64 = 41;

    /// <summary>Makes a mounted directory the root, and takes all that was mounted before out of the namespace.</summary>
    /// <exception cref="LinuxException">EINVAL when <paramref name="directory"/> is no mount point.</exception>
    public static void To(string directory)
    {
        Directory.SetCurrentDirectory(directory);
        // The old root comes to lie on the new one (pivot_root(2), "pivot_root(".", ".")"), and is taken away from there.
        if (PivotNative(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? CallArm64 : CallX64, ".", ".") != 0)
            throw LinuxException.Last("pivot_root", directory);
        Mount.Detach(".", UnmountFlags.Detach);
        Directory.SetCurrentDirectory("/");
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint PivotNative(long call, string newRoot, string putOld);
}
