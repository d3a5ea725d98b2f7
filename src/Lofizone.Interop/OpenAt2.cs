using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>RESOLVE_* of openat2(2), linux/openat2.h.</summary>
[Flags]
public enum ResolveFlags : ulong
{
    None = 0,

    /// <summary>The walk crosses no mount point.</summary>
    NoMountCrossing = 1,
    NoMagicLinks = 2,
    NoSymlinks = 4,

    /// <summary>The walk stays below the starting directory: no absolute path, and no ".." above the start.</summary>
    Beneath = 8,

    /// <summary>The starting directory is the root. Symbolic links, also absolute ones, are followed as in a chroot there.</summary>
    InRoot = 0x10,
}

/// <summary>openat2(2), the only way to open paths of which other parties may have made a part.</summary>
internal static unsafe partial class OpenAt2
{
    private const long SystemCall = 437;

    /// <summary>
    /// Number of attempts with O_NONBLOCK. EAGAIN may then also mean a lease that another program holds on the file (fcntl(2), F_SETLEASE)
    /// and does not give up.
    /// </summary>
    private const int NonBlockingTries = 1000;

    /// <summary>Opens with O_CLOEXEC. Null with the error left for <see cref="LinuxException.Last"/>.</summary>
    public static FileDescriptor? TryOpen(FileDescriptor directory, string path, OpenFlags flags, ResolveFlags resolve, uint mode = 0)
    {
        OpenHow how = new()
        {
            Flags = (uint)Files.ForThisProcessor(flags | OpenFlags.CloseOnExec),
            Mode = (flags & OpenFlags.Create) != 0 ? mode : 0,
            Resolve = (ulong)resolve,
        };
        using DescriptorUse use = new(directory);
        long number;
        int tries = 0;
        do
            number = Native(SystemCall, use.Number, path, &how, (nuint)sizeof(OpenHow));
        while (number < 0
            && (Files.Interrupted() || (RaceWithRename() && ((flags & OpenFlags.NonBlocking) == 0 || ++tries < NonBlockingTries))));
        return number < 0 ? null : new FileDescriptor((int)number);
    }

    /// <summary>
    /// True for EAGAIN: during a walk through ".." a rename or mount happened on the host, so the kernel could not be sure of the result
    /// (openat2(2)).
    /// </summary>
    private static bool RaceWithRename() => Marshal.GetLastPInvokeError() == (int)Errno.EAGAIN;

    /// <summary>struct open_how, linux/openat2.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long Native(long number, int directory, string path, OpenHow* how, nuint size);
}
