using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>mknod(2) for character devices.</summary>
public static partial class DeviceNode
{
    private const uint CharacterDevice = 0x2000;

    /// <summary>Makes a character device of this mode, whatever the umask, and gives it to an owner.</summary>
    /// <exception cref="LinuxException">EEXIST, or EPERM without CAP_MKNOD.</exception>
    public static void Make(string path, uint major, uint minor, UnixFileMode mode, uint owner)
    {
        // Numbers below 256 look the same in every encoding of a device number.
        if (MakeNative(path, CharacterDevice | (uint)mode, (major << 8) | minor) != 0)
            throw LinuxException.Last("mknod", path);
        File.SetUnixFileMode(path, mode);
        DescriptorPath.ChangeOwner(path, owner, owner);
    }

    [LibraryImport("libc", EntryPoint = "mknod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeNative(string path, uint mode, ulong device);
}
