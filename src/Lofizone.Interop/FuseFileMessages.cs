using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary><c>struct fuse_open_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseOpenIn
{
    /// <summary>Flags of open(2).</summary>
    public uint Flags;
    public uint OpenFlags;
}

/// <summary><c>struct fuse_open_out</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseOpenOut
{
    public ulong Handle;
    public FuseOpenFlags OpenFlags;
    public uint Reserved;
}

/// <summary>The kernel's treatment of an open file (FOPEN_* in linux/fuse.h).</summary>
[Flags]
public enum FuseOpenFlags : uint
{
    None = 0,

    /// <summary>I/O bypasses the page cache.</summary>
    DirectIo = 1 << 0,
    KeepCache = 1 << 1,

    /// <summary>Direct writes to one file may overlap (Linux 6.2; older kernels ignore the flag).</summary>
    ParallelDirectWrites = 1 << 6,
}

/// <summary><c>struct fuse_release_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseReleaseIn
{
    public ulong Handle;
    public uint Flags;
    public uint ReleaseFlags;
    public ulong LockOwner;
}

/// <summary><c>struct fuse_flush_in</c>, linux/fuse.h: sent for each close(2).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseFlushIn
{
    public ulong Handle;
    public uint Reserved;
    public uint Reserved2;
    public ulong LockOwner;
}

/// <summary><c>struct fuse_read_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseReadIn
{
    public ulong Handle;

    /// <summary>Offset in bytes from the start of the file.</summary>
    public ulong Offset;

    /// <summary>Number of bytes to read.</summary>
    public uint Size;
    public uint ReadFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Reserved;
}

/// <c>struct fuse_write_in</c>, linux/fuse.h; the data follows the struct.
[StructLayout(LayoutKind.Sequential)]
public struct FuseWriteIn
{
    public ulong Handle;

    /// <summary>Offset in bytes from the start of the file.</summary>
    public ulong Offset;

    /// <summary>Number of bytes of data.</summary>
    public uint Size;
    public uint WriteFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Reserved;
}

/// <summary><c>struct fuse_write_out</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseWriteOut
{
    /// <summary>Number of bytes written.</summary>
    public uint Size;
    public uint Reserved;
}

/// <summary><c>struct fuse_fsync_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseFsyncIn
{
    public ulong Handle;

    /// <summary>Bit 0: sync the data only, as fdatasync(2) does.</summary>
    public uint Flags;
    public uint Reserved;
}

/// <summary><c>struct fuse_access_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseAccessIn
{
    public uint Mask;
    public uint Reserved;
}

/// <summary><c>struct fuse_fallocate_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseFallocateIn
{
    public ulong Handle;

    /// <summary>Offset in bytes from the start of the file.</summary>
    public ulong Offset;

    /// <summary>Number of bytes.</summary>
    public ulong Length;
    public AllocateMode Mode;
    public uint Reserved;
}

/// <summary><c>struct fuse_lseek_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseSeekIn
{
    public ulong Handle;
    public ulong Offset;
    public uint Whence;
    public uint Reserved;
}

/// <summary><c>struct fuse_interrupt_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseInterruptIn
{
    /// <summary>The request whose caller no longer waits.</summary>
    public ulong Unique;
}

/// <summary><c>struct fuse_forget_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseForgetIn
{
    public ulong LookupCount;
}

/// <summary><c>struct fuse_batch_forget_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseBatchForgetIn
{
    public uint Count;
    public uint Reserved;
}
