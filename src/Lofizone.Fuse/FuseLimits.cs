using System.Runtime.CompilerServices;
using Lofizone.Interop;

namespace Lofizone.Fuse;

/// <summary>Sizes agreed with the kernel, chosen by measurements on Linux 6.x.</summary>
internal static class FuseLimits
{
    /// <summary>Largest data of one READ or WRITE, bytes.</summary>
    public const int MaxDataBytes = 1 << 20;

    /// <summary>Largest number of pages in one request: MaxDataBytes in pages of 4096 bytes.</summary>
    public const int MaxPages = MaxDataBytes / PageBytes;

    /// <summary>Number of asynchronous requests that the kernel keeps under way at once (max_background).</summary>
    public const int MaxBackground = 256;

    public const int PageBytes = 4096;

    /// <summary>
    /// Time for which the kernel may keep the attributes, in seconds: a year, because the attributes never change while the file is served.
    /// LOOP_GET_STATUS64 asks for the inode of the file behind a loop device. With kept attributes the kernel answers even when the engine
    /// is dead.
    /// </summary>
    public const int AttributesValidSeconds = 365 * 24 * 3600;

    /// <summary>Node ID of the root, the one file (FUSE_ROOT_ID).</summary>
    public const ulong RootNode = 1;

    /// <summary>Offset of the data in a WRITE request, bytes.</summary>
    public static int WriteDataOffset { get; } = Unsafe.SizeOf<FuseInHeader>() + Unsafe.SizeOf<FuseWriteIn>();

    /// <summary>Size of the largest request, bytes.</summary>
    public static int RequestBytes { get; } = WriteDataOffset + MaxDataBytes;
}
