using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>struct statx_timestamp, linux/stat.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatxTimestamp
{
    public long Seconds;
    public uint Nanoseconds;
    public int Reserved;
}

/// <summary>struct statx, linux/stat.h: 256 bytes, one layout on every architecture.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct Statx
{
    public uint Mask;
    public uint BlockSize;
    public ulong Attributes;
    public uint Links;
    public uint Uid;
    public uint Gid;
    public ushort Mode;
    public ushort ReservedAfterMode;
    public ulong Inode;
    public ulong Size;
    public ulong Blocks;
    public ulong AttributesMask;
    public StatxTimestamp AccessTime;
    public StatxTimestamp BirthTime;
    public StatxTimestamp ChangeTime;
    public StatxTimestamp ModificationTime;
    public uint RawDeviceMajor;
    public uint RawDeviceMinor;
    public uint DeviceMajor;
    public uint DeviceMinor;
}

/// <summary>statx(2).</summary>
internal static partial class StatxCall
{
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int NoFollowLink = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS

    /// <summary>Status of an open file.</summary>
    public static Statx Of(int descriptor) =>
        Native(descriptor, "", EmptyPath, BasicStats, out Statx raw) == 0 ? raw : throw LinuxException.Last("statx");

    /// <summary>Kind of an open file; null when the descriptor is closed.</summary>
    public static FileKind? KindOf(int descriptor) =>
        Native(descriptor, "", EmptyPath, BasicStats, out Statx raw) == 0 ? (FileKind)(raw.Mode & FileStatus.KindMask) : null;

    /// <summary>Status of a name below a directory; null when the name does not exist. A symbolic link is not followed.</summary>
    public static Statx? At(int directory, string path)
    {
        if (Native(directory, path, NoFollowLink, BasicStats, out Statx raw) == 0)
            return raw;
        return Marshal.GetLastPInvokeError() is (int)Errno.ENOENT or (int)Errno.ENOTDIR ? null : throw LinuxException.Last("statx", path);
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Native(int directory, string path, int flags, uint mask, out Statx status);
}
