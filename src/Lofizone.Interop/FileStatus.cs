using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Kind of file, the S_IFMT bits of the mode (inode(7)).</summary>
public enum FileKind
{
    Fifo = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    SymbolicLink = 0xa000,
    Socket = 0xc000,
}

/// <summary>What statx(2) says about a file.</summary>
/// <param name="Kind">Kind of file.</param>
/// <param name="Mode">Permission bits with set-id and sticky bits (07777).</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="AllocatedBytes">Bytes that take space on the file system.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="Device">Major and minor number of the file system's device.</param>
/// <param name="RawDevice">Major and minor number of the device itself, for device nodes.</param>
public sealed partial record FileStatus(
    FileKind Kind, uint Mode, uint Uid, uint Gid, long Size, long AllocatedBytes, ulong Inode, DeviceNumber Device, DeviceNumber RawDevice)
{
    private const int EmptyPath = 0x1000;
    private const int NoFollowLink = 0x100;
    private const uint BasicStats = 0x7ff;
    private const uint KindMask = 0xf000;
    private const int BlockBytes = 512;

    /// <summary>Status of an open file.</summary>
    public static FileStatus Of(FileDescriptor file)
    {
        using DescriptorUse use = new(file);
        return StatxNative(use.Number, "", EmptyPath, BasicStats, out Statx raw) == 0 ? From(raw) : throw LinuxException.Last("statx");
    }

    /// <summary>Status of what stands at a path, a symbolic link itself and not its target; null when nothing does.</summary>
    public static FileStatus? At(string path)
    {
        if (StatxNative(Files.CurrentDirectory, path, NoFollowLink, BasicStats, out Statx raw) == 0)
            return From(raw);
        return Marshal.GetLastPInvokeError() is (int)Errno.ENOENT or (int)Errno.ENOTDIR ? null : throw LinuxException.Last("statx", path);
    }

    private static FileStatus From(in Statx s) => new(
        (FileKind)(s.Mode & KindMask), s.Mode & ~KindMask, s.Uid, s.Gid, (long)s.Size, (long)s.Blocks * BlockBytes, s.Inode,
        new DeviceNumber(s.DeviceMajor, s.DeviceMinor), new DeviceNumber(s.RawDeviceMajor, s.RawDeviceMinor));

    /// <summary>struct statx_timestamp, linux/stat.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct StatxTimestamp
    {
        public long Seconds;
        public uint Nanoseconds;
        public int ReservedTail;
    }

    /// <summary>struct statx, linux/stat.h: 256 bytes.</summary>
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
        public ushort Reserved0;
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

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxNative(int directory, string path, int flags, uint mask, out Statx status);
}

/// <summary>Number of a device, written MAJOR:MINOR.</summary>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    public override string ToString() => $"{Major}:{Minor}";
}
