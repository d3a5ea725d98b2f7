using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>A file's attributes: <c>struct fuse_attr</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseAttributes
{
    public ulong Inode;

    /// <summary>Size in bytes.</summary>
    public ulong Size;

    /// <summary>Allocated space in units of 512 bytes.</summary>
    public ulong Blocks;

    /// <summary>Time in seconds since 1970, like the two fields that follow.</summary>
    public ulong AccessTime;
    public ulong ModifyTime;
    public ulong ChangeTime;
    public uint AccessTimeNanoseconds;
    public uint ModifyTimeNanoseconds;
    public uint ChangeTimeNanoseconds;
    public uint Mode;
    public uint LinkCount;
    public uint UserId;
    public uint GroupId;
    public uint Device;
    public uint BlockSize;
    public uint Flags;
}

/// <summary>Reply to GETATTR and SETATTR: <c>struct fuse_attr_out</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseAttributesOut
{
    /// <summary>Time in seconds for which the kernel may keep the attributes.</summary>
    public ulong ValidSeconds;
    public uint ValidNanoseconds;
    public uint Reserved;
    public FuseAttributes Attributes;
}

/// <summary><c>struct fuse_getattr_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseGetAttributesIn
{
    public uint Flags;
    public uint Reserved;
    public ulong Handle;
}

/// <summary><c>struct fuse_setattr_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseSetAttributesIn
{
    public FuseSetAttributes Valid;
    public uint Reserved;
    public ulong Handle;
    public ulong Size;
    public ulong LockOwner;
    public ulong AccessTime;
    public ulong ModifyTime;
    public ulong ChangeTime;
    public uint AccessTimeNanoseconds;
    public uint ModifyTimeNanoseconds;
    public uint ChangeTimeNanoseconds;
    public uint Mode;
    public uint Reserved4;
    public uint UserId;
    public uint GroupId;
    public uint Reserved5;
}

/// <summary>Fields of SETATTR that are set (FATTR_* in linux/fuse.h).</summary>
[Flags]
public enum FuseSetAttributes : uint
{
    None = 0,
    Mode = 1 << 0,
    UserId = 1 << 1,
    GroupId = 1 << 2,
    Size = 1 << 3,
    AccessTime = 1 << 4,
    ModifyTime = 1 << 5,
    Handle = 1 << 6,
    AccessTimeNow = 1 << 7,
    ModifyTimeNow = 1 << 8,
    LockOwner = 1 << 9,
    ChangeTime = 1 << 10,
}

/// <summary>Reply to STATFS: <c>struct fuse_statfs_out</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseStatFsOut
{
    /// <summary>Number in units of <see cref="FragmentSize"/>, like the two fields that follow.</summary>
    public ulong Blocks;
    public ulong BlocksFree;
    public ulong BlocksAvailable;
    public ulong Files;
    public ulong FilesFree;

    /// <summary>Block size in bytes. The loop driver takes this value as the granularity of discards.</summary>
    public uint BlockSize;
    public uint NameLength;
    public uint FragmentSize;
    public uint Reserved;
    public FuseStatFsReserved ReservedWords;
}

/// <summary>Room for later fields.</summary>
[InlineArray(6)]
public struct FuseStatFsReserved
{
    private uint _word;
}
