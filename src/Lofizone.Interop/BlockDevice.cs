using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>ioctls of block devices (linux/fs.h).</summary>
public static partial class BlockDevice
{
    /// <summary>BLKGETSIZE64, _IOR(0x12, 114, size_t).</summary>
    private const uint GetSize64 = 0x80081272;

    /// <summary>BLKSSZGET, _IO(0x12, 104).</summary>
    private const uint GetSectorSize = 0x1268;

    /// <summary>Size of a logical sector in bytes, the smallest unit that can be read or written.</summary>
    /// <exception cref="LinuxException">ENOTTY when the descriptor is not a block device.</exception>
    public static int SectorBytes(FileDescriptor device)
    {
        return SectorIoctlNative(device, GetSectorSize, out int bytes) == 0 ? bytes : throw LinuxException.Last("BLKSSZGET");
    }

    /// <summary>Size of the device in bytes.</summary>
    /// <exception cref="LinuxException">ENOTTY when the descriptor is not a block device.</exception>
    public static long SizeBytes(FileDescriptor device)
    {
        return IoctlNative(device, GetSize64, out long bytes) == 0 ? bytes : throw LinuxException.Last("BLKGETSIZE64");
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlNative(FileDescriptor descriptor, nuint request, out long bytes);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int SectorIoctlNative(FileDescriptor descriptor, nuint request, out int bytes);
}
