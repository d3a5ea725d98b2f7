using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>What statx(2) tells about one directory entry; a symbolic link is described, not followed.</summary>
/// <param name="Kind">Type of the entry.</param>
/// <param name="Mode">Permission bits including set-user-ID, set-group-ID and sticky (07777).</param>
/// <param name="UserId">Numeric owner.</param>
/// <param name="GroupId">Numeric group.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Links">Number of hard links.</param>
/// <param name="Device">Device that holds the file, major and minor in one number; with <paramref name="Inode"/> it identifies the file.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="ModifiedSeconds">Time of the last change, seconds since 1970.</param>
/// <param name="ModifiedNanoseconds">Its fraction, 0 to 999,999,999.</param>
public sealed record FileMetadata(
    FileKind Kind, int Mode, uint UserId, uint GroupId, long Size, uint Links, ulong Device, ulong Inode, long ModifiedSeconds, uint ModifiedNanoseconds)
{
    internal static FileMetadata From(in StatxBuffer buffer) => new(
        (FileKind)(buffer.Mode & 0xF000),
        buffer.Mode & 0xFFF,
        buffer.UserId,
        buffer.GroupId,
        (long)buffer.Size,
        buffer.Links,
        ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor,
        buffer.Inode,
        buffer.ModifiedSeconds,
        buffer.ModifiedNanoseconds);
}

/// <summary>struct statx of linux/stat.h: one layout on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatxBuffer
{
    [FieldOffset(0x10)] public uint Links;
    [FieldOffset(0x14)] public uint UserId;
    [FieldOffset(0x18)] public uint GroupId;
    [FieldOffset(0x1C)] public ushort Mode;
    [FieldOffset(0x20)] public ulong Inode;
    [FieldOffset(0x28)] public ulong Size;
    [FieldOffset(0x70)] public long ModifiedSeconds;
    [FieldOffset(0x78)] public uint ModifiedNanoseconds;
    [FieldOffset(0x88)] public uint DeviceMajor;
    [FieldOffset(0x8C)] public uint DeviceMinor;
}
