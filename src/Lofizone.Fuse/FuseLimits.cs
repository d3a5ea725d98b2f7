using System.Runtime.CompilerServices;
using Lofizone.Interop;

namespace Lofizone.Fuse;

/// <summary>Sizes agreed with the kernel, measured as the best on Linux 6.x.</summary>
internal static class FuseLimits
{
    /// <summary>Most data in one READ or WRITE, bytes.</summary>
    public const int MaxDataBytes = 1 << 20;

    /// <summary>Most pages in one request: MaxDataBytes of 4096-byte pages.</summary>
    public const int MaxPages = MaxDataBytes / PageBytes;

    /// <summary>Asynchronous requests the kernel keeps under way at once.</summary>
    public const int MaxBackground = 256;

    public const int PageBytes = 4096;

    /// <summary>
    /// How long the kernel may keep the attributes, seconds: a year, since they never change while the file is served. As long as it
    /// has them it also tells whose a loop device is (LOOP_GET_STATUS64 asks for the inode) when the engine behind it is dead.
    /// </summary>
    public const int AttributesValidSeconds = 365 * 24 * 3600;

    /// <summary>Node ID of the root, the one file (FUSE_ROOT_ID).</summary>
    public const ulong RootNode = 1;

    /// <summary>Where the data of a WRITE request begins.</summary>
    public static int WriteDataOffset { get; } = Unsafe.SizeOf<FuseInHeader>() + Unsafe.SizeOf<FuseWriteIn>();

    /// <summary>A request can't be larger; bytes.</summary>
    public static int RequestBytes { get; } = WriteDataOffset + MaxDataBytes;
}
