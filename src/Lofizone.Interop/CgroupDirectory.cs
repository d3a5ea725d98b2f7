using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>rmdir(2) as cgroups need it: a cgroup is removed with the files in it, which can't be removed one by one.</summary>
public static partial class CgroupDirectory
{
    /// <exception cref="LinuxException">EBUSY while a process or a child is in it.</exception>
    public static void Remove(string path)
    {
        if (RemoveNative(path) != 0)
            throw LinuxException.Last("rmdir", path);
    }

    [LibraryImport("libc", EntryPoint = "rmdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveNative(string path);
}
