using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>rmdir(2) as cgroups need it: the call removes a cgroup with its interface files, which can't be removed one by one.</summary>
public static partial class CgroupDirectory
{
    /// <exception cref="LinuxException">EBUSY while the cgroup holds a process or a child cgroup.</exception>
    public static void Remove(string path) =>
        LinuxException.Check(RemoveNative(path), "rmdir", path);

    [LibraryImport("libc", EntryPoint = "rmdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveNative(string path);
}
