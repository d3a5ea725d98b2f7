using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>umask(2).</summary>
public static partial class FileModeMask
{
    /// <summary>Only the owner may write (022), as every program of a system expects.</summary>
    public const uint Usual = 0x12;

    /// <summary>
    /// Sets the permission bits that new files and directories of this process, and of the programs that it starts, do not get. Returns the
    /// former mask.
    /// </summary>
    public static uint Set(uint mask) => UmaskNative(mask);

    [LibraryImport("libc", EntryPoint = "umask", SetLastError = true)]
    private static partial uint UmaskNative(uint mask);
}
