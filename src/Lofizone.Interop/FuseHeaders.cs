using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Header of every request from the kernel: <c>struct fuse_in_header</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseInHeader
{
    /// <summary>Length of the whole request with this header, bytes.</summary>
    public uint Length;
    public FuseOpcode Opcode;

    /// <summary>
    /// Identifies the request in its reply. Bit 63 is set on a request that the kernel sends again; the reply repeats the bit.
    /// </summary>
    public ulong Unique;
    public ulong NodeId;
    public uint UserId;
    public uint GroupId;
    public uint ProcessId;

    /// <summary>Length of extensions in newer kernels, padding in older kernels. This program asks for no extensions.</summary>
    public uint Reserved;
}

/// <summary>Header of every reply: <c>struct fuse_out_header</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseOutHeader
{
    /// <summary>Length of the whole reply with this header, bytes.</summary>
    public uint Length;

    /// <summary>0, or a negative error number. With Unique 0 the value is a notification's code.</summary>
    public int Error;
    public ulong Unique;
}
