using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>umask(2).</summary>
public static partial class FileModeMask
{
    /// <summary>Nobody but the owner writes (022): what every program of a system expects.</summary>
    public const uint Usual = 0x12;

    /// <summary>
    /// Sets the bits that no file or directory of this process, and of the programs it starts, is made with; returns those before.
    /// </summary>
    public static uint Set(uint mask) => UmaskNative(mask);

    [LibraryImport("libc", EntryPoint = "umask", SetLastError = true)]
    private static partial uint UmaskNative(uint mask);
}
