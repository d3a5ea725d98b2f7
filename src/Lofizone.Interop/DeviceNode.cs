using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>mknod(2) for character devices.</summary>
public static partial class DeviceNode
{
    private const uint CharacterDevice = 0x2000;

    /// <summary>Makes a character device with this mode, independent of the umask, and gives the device to an owner.</summary>
    /// <exception cref="LinuxException">EEXIST; EPERM without CAP_MKNOD.</exception>
    public static void Make(string path, uint major, uint minor, UnixFileMode mode, uint owner)
    {
        // All encodings of a device number agree on major and minor numbers below 256 (makedev(3)).
        LinuxException.Check(MakeNative(path, CharacterDevice | (uint)mode, (major << 8) | minor), "mknod", path);
        File.SetUnixFileMode(path, mode);
        DescriptorPath.ChangeOwner(path, owner, owner);
    }

    [LibraryImport("libc", EntryPoint = "mknod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeNative(string path, uint mode, ulong device);
}
