using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Starts every request that the kernel sends: <c>struct fuse_in_header</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseInHeader
{
    /// <summary>Bytes of the whole request, this header included.</summary>
    public uint Length;
    public FuseOpcode Opcode;

    /// <summary>Names the request in its reply. Bit 63 is set on a request that the kernel sends again; the reply repeats it.</summary>
    public ulong Unique;
    public ulong NodeId;
    public uint UserId;
    public uint GroupId;
    public uint ProcessId;

    /// <summary>Extensions' length in newer kernels, padding in older ones; nothing here asks for extensions.</summary>
    public uint Reserved;
}

/// <summary>Starts every reply: <c>struct fuse_out_header</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseOutHeader
{
    /// <summary>Bytes of the whole reply, this header included.</summary>
    public uint Length;

    /// <summary>0, or a negative error number; with Unique 0 it is a notification's code.</summary>
    public int Error;
    public ulong Unique;
}
