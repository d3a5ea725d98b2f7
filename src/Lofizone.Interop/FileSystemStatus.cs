using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>Space of a mounted file system in bytes, from statfs(2).</summary>
/// <param name="TotalBytes">Size of the file system.</param>
/// <param name="FreeBytes">Free bytes, those reserved for root included.</param>
/// <param name="AvailableBytes">Free bytes that an unprivileged user may take.</param>
public sealed partial record FileSystemStatus(long TotalBytes, long FreeBytes, long AvailableBytes)
{
    public static FileSystemStatus Of(FileDescriptor file)
    {
        int result;
        StatFs raw;
        do
            result = FstatfsNative(file, out raw);
        while (result != 0 && Files.Interrupted());
        if (result != 0)
            throw LinuxException.Last("fstatfs");
        long unit = raw.FragmentSize > 0 ? raw.FragmentSize : raw.BlockSize;
        return new FileSystemStatus(Bytes(raw.Blocks, unit), Bytes(raw.Free, unit), Bytes(raw.Available, unit));
    }

    /// <summary>
    /// Multiplies without overflow. A server may report more than fits (NFS: "unlimited"); the result is then the largest number.
    /// </summary>
    private static long Bytes(ulong blocks, long unit) => (long)UInt128.Min((UInt128)blocks * (ulong)unit, long.MaxValue);

    /// <summary>struct statfs of 64-bit Linux, asm-generic/statfs.h: 120 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    internal struct StatFs
    {
        public long Type;
        public long BlockSize;
        public ulong Blocks;
        public ulong Free;
        public ulong Available;
        public ulong FilesTotal;
        public ulong FilesFree;
        public ulong Id;
        public long NameLength;
        public long FragmentSize;
        public long Flags;
    }

    [LibraryImport("libc", EntryPoint = "fstatfs64", SetLastError = true)]
    private static partial int FstatfsNative(FileDescriptor descriptor, out StatFs status);
}
