using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>The kernel's offer: <c>struct fuse_init_in</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseInitIn
{
    public uint Major;
    public uint Minor;

    /// <summary>Largest read-ahead, bytes.</summary>
    public uint MaxReadAhead;

    /// <summary>Low half of <see cref="FuseInitFlags"/>.</summary>
    public uint Flags;

    /// <summary>High half of <see cref="FuseInitFlags"/>, valid when <see cref="FuseInitFlags.InitExtended"/> is set.</summary>
    public uint Flags2;
    public FuseInitInReserved Reserved;
}

/// <summary>Room for later fields.</summary>
[InlineArray(11)]
public struct FuseInitInReserved
{
    private uint _word;
}

/// <summary>The server's answer: <c>struct fuse_init_out</c>, linux/fuse.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseInitOut
{
    public uint Major;
    public uint Minor;

    /// <summary>Largest read-ahead, bytes.</summary>
    public uint MaxReadAhead;
    public uint Flags;

    /// <summary>Number of asynchronous requests that the kernel keeps under way at once.</summary>
    public ushort MaxBackground;

    /// <summary>Number of asynchronous requests from which on the kernel treats the file system as congested.</summary>
    public ushort CongestionThreshold;

    /// <summary>Largest data of one WRITE, bytes.</summary>
    public uint MaxWrite;

    /// <summary>Granularity of time stamps in nanoseconds.</summary>
    public uint TimeGranularity;

    /// <summary>Largest number of pages in one request.</summary>
    public ushort MaxPages;
    public ushort MapAlignment;
    public uint Flags2;
    public FuseInitOutReserved Reserved;
}

/// <summary>Room for later fields; must be zero.</summary>
[InlineArray(7)]
public struct FuseInitOutReserved
{
    private uint _word;
}

/// <summary>Feature bits of INIT that this program uses or prints, both halves in one value (FUSE_* in linux/fuse.h).</summary>
[Flags]
public enum FuseInitFlags : ulong
{
    None = 0,

    /// <summary>The kernel may send several reads of one file at once.</summary>
    AsyncRead = 1UL << 0,

    /// <summary>Writes may be larger than a page.</summary>
    BigWrites = 1UL << 5,

    /// <summary>Asynchronous direct I/O is sent as asynchronous requests.</summary>
    AsyncDirectIo = 1UL << 15,

    /// <summary>A read of the device tells an aborted connection (ECONNABORTED) from an unmounted one (ENODEV).</summary>
    AbortError = 1UL << 21,

    /// <summary>The field max_pages is valid.</summary>
    MaxPages = 1UL << 22,

    /// <summary>The field flags2 is valid.</summary>
    InitExtended = 1UL << 30,

    /// <summary>The kernel sends unanswered requests again when the server sends the notification FUSE_NOTIFY_RESEND.</summary>
    HasResend = 1UL << 39,
}
