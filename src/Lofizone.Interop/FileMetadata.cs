namespace Lofizone.Interop;

/// <summary>The result of statx(2) for one directory entry. A symbolic link is described, not followed.</summary>
/// <param name="Kind">Type of the entry.</param>
/// <param name="Mode">Permission bits including set-user-ID, set-group-ID and sticky (07777).</param>
/// <param name="UserId">Numeric owner.</param>
/// <param name="GroupId">Numeric group.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Links">Number of hard links.</param>
/// <param name="Device">
/// Device that holds the file, major and minor in one number. Together with <paramref name="Inode"/> the number identifies the file.
/// </param>
/// <param name="Inode">Inode number.</param>
/// <param name="ModifiedSeconds">Time of the last change, seconds since 1970.</param>
/// <param name="ModifiedNanoseconds">Fraction of that time, 0 to 999,999,999.</param>
public sealed record FileMetadata(
    FileKind Kind, int Mode, uint UserId, uint GroupId, long Size, uint Links, ulong Device, ulong Inode, long ModifiedSeconds,
    uint ModifiedNanoseconds)
{
    internal (ulong Device, ulong Inode) Id => (Device, Inode);

    /// <summary>Metadata of a name below a directory; null when the name does not exist.</summary>
    internal static FileMetadata? At(FileDescriptor directory, string name)
    {
        using DescriptorUse use = new(directory);
        return StatxCall.At(use.Number, name) is { } raw ? From(raw) : null;
    }

    private static FileMetadata From(in Statx raw) => new(
        (FileKind)(raw.Mode & 0xF000),
        raw.Mode & 0xFFF,
        raw.Uid,
        raw.Gid,
        (long)raw.Size,
        raw.Links,
        ((ulong)raw.DeviceMajor << 32) | raw.DeviceMinor,
        raw.Inode,
        raw.ModificationTime.Seconds,
        raw.ModificationTime.Nanoseconds);
}
