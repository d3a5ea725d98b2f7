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

/// <summary>The result of statx(2) for a file or a name.</summary>
/// <param name="Kind">Kind of file.</param>
/// <param name="Mode">Permission bits with set-id and sticky bits (07777).</param>
/// <param name="Uid">Owner's user ID.</param>
/// <param name="Gid">Group ID.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="AllocatedBytes">Space that the file takes on the file system, bytes.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="Device">Major and minor number of the file system's device.</param>
/// <param name="RawDevice">Major and minor number of the device itself, for device nodes.</param>
/// <param name="Links">Number of hard links.</param>
/// <param name="ModifiedSeconds">Time of the last change, seconds since 1970.</param>
/// <param name="ModifiedNanoseconds">Fraction of that time, 0 to 999,999,999.</param>
public sealed record FileStatus(
    FileKind Kind, uint Mode, uint Uid, uint Gid, long Size, long AllocatedBytes, ulong Inode, DeviceNumber Device, DeviceNumber RawDevice,
    uint Links, long ModifiedSeconds, uint ModifiedNanoseconds)
{
    internal const uint KindMask = 0xf000;
    private const int BlockBytes = 512;

    /// <summary>Status of an open file.</summary>
    public static FileStatus Of(FileDescriptor file)
    {
        using DescriptorUse use = new(file);
        return From(StatxCall.Of(use.Number));
    }

    /// <summary>Status of a name below a directory; null when the name does not exist. A symbolic link is not followed.</summary>
    public static FileStatus? At(FileDescriptor directory, string name)
    {
        using DescriptorUse use = new(directory);
        return StatxCall.At(use.Number, name) is { } raw ? From(raw) : null;
    }

    /// <summary>Status of the object at a path; null when the path does not exist. A symbolic link is not followed.</summary>
    public static FileStatus? At(string path) => StatxCall.At(Files.CurrentDirectory, path) is { } raw ? From(raw) : null;

    private static FileStatus From(in Statx s) => new(
        (FileKind)(s.Mode & KindMask), s.Mode & ~KindMask, s.Uid, s.Gid, (long)s.Size, (long)s.Blocks * BlockBytes, s.Inode,
        new DeviceNumber(s.DeviceMajor, s.DeviceMinor), new DeviceNumber(s.RawDeviceMajor, s.RawDeviceMinor), s.Links,
        s.ModificationTime.Seconds, s.ModificationTime.Nanoseconds);

    /// <summary>Identifies the file on this host.</summary>
    internal (DeviceNumber Device, ulong Inode) Id => (Device, Inode);
}

/// <summary>Number of a device, written MAJOR:MINOR.</summary>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    public override string ToString() => $"{Major}:{Minor}";
}
