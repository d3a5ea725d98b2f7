using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>RESOLVE_* of openat2(2), linux/openat2.h.</summary>
[Flags]
public enum ResolveFlags : ulong
{
    None = 0,

    /// <summary>No crossing of mount points.</summary>
    NoMountCrossing = 1,
    NoMagicLinks = 2,
    NoSymlinks = 4,

    /// <summary>Nothing outside the starting directory: no absolute path, no ".." above it.</summary>
    Beneath = 8,

    /// <summary>The starting directory is the root: symbolic links, absolute ones too, are followed as in a chroot there.</summary>
    InRoot = 0x10,
}

/// <summary>openat2(2), the one way to open paths of which others may have made a part.</summary>
internal static unsafe partial class OpenAt2
{
    private const long SystemCall = 437;

    /// <summary>
    /// With O_NONBLOCK, EAGAIN may also mean a lease that another program has on the file (fcntl(2), F_SETLEASE), and that it keeps.
    /// </summary>
    private const int NonBlockingTries = 1000;

    /// <summary>Opens with O_CLOEXEC; null with the error left for <see cref="LinuxException.Last"/>.</summary>
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
    /// EAGAIN: while the walk went through "..", something was renamed or mounted anywhere on the host, so that it could not be sure of its
    /// result.
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
