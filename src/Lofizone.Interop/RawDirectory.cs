using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>A name in a directory in the kernel's form: any bytes but a slash. The bytes need not be text.</summary>
/// <param name="Bytes">The name with its closing zero.</param>
/// <param name="Kind">Type of the object, when the file system reports it with the name (d_type); otherwise null.</param>
internal readonly record struct RawName(byte[] Bytes, FileKind? Kind);

/// <summary>
/// Names of directories by their bytes, for trees whose owner chose the names: getdents64(2), unlinkat(2), renameat2(2), openat2(2).
/// </summary>
internal static unsafe partial class RawDirectory
{
    private const int BufferBytes = 32 << 10;
    private const int LengthAt = 16, TypeAt = 18, NameAt = 19;
    private const int TypeShift = 12; // DTTOIF
    private const int RemoveDirectoryFlag = 0x200;
    private const uint NoReplace = 1;
    private const long OpenAt2Call = 437;

    private const ResolveFlags Inside = ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoMountCrossing;

    /// <summary>The names except "." and "..", in batches, without a limit. The listing may miss names that change meanwhile.</summary>
    public static IEnumerable<RawName> Names(FileDescriptor directory)
    {
        // A directory's descriptor has one read position, so the listing opens the directory again.
        using FileDescriptor open = Open(directory, [(byte)'.', 0]);
        byte[] buffer = new byte[BufferBytes];
        List<RawName> batch = [];
        nint count;
        while ((count = Fill(open, buffer)) > 0)
        {
            batch.Clear();
            Collect(buffer.AsSpan(0, (int)count), batch);
            foreach (RawName name in batch)
                yield return name;
        }
    }

    /// <summary>Opens a subdirectory. Fails on a symbolic link and on a mount point.</summary>
    /// <exception cref="LinuxException">EXDEV when the subdirectory is a mount point.</exception>
    public static FileDescriptor Open(FileDescriptor directory, byte[] name) =>
        TryOpen(directory, name, OpenFlags.Directory | OpenFlags.NoFollow) ?? throw LinuxException.Last("openat2");

    /// <summary>Opens a name without blocking. Null with the error left for <see cref="LinuxException.Last"/>.</summary>
    public static FileDescriptor? TryOpen(FileDescriptor directory, byte[] name, OpenFlags flags)
    {
        // openat2(2) refuses O_NONBLOCK together with O_PATH. An open with O_PATH never blocks.
        OpenFlags patient = (flags & OpenFlags.Path) != 0 ? OpenFlags.ReadOnly : OpenFlags.NonBlocking;
        OpenAt2.OpenHow how = new()
        {
            Flags = (uint)Files.ForThisProcessor(flags | OpenFlags.CloseOnExec | patient),
            Resolve = (ulong)Inside,
        };
        nint number;
        do
            number = OpenNative(OpenAt2Call, directory, name, &how, (nuint)sizeof(OpenAt2.OpenHow));
        while (number < 0 && Files.Interrupted());
        return number < 0 ? null : new FileDescriptor((int)number);
    }

    /// <summary>Removes a name that is not a directory.</summary>
    public static Errno Unlink(FileDescriptor directory, byte[] name) => Outcome(UnlinkNative(directory, name, 0));

    /// <summary>Removes an empty directory.</summary>
    public static Errno RemoveDirectory(FileDescriptor directory, byte[] name) =>
        Outcome(UnlinkNative(directory, name, RemoveDirectoryFlag));

    public static Errno MakeDirectory(FileDescriptor directory, byte[] name, uint mode) =>
        Outcome(MakeDirectoryNative(directory, name, mode));

    /// <summary>Gives a file a second name: the same name in another directory.</summary>
    public static Errno Link(FileDescriptor from, byte[] name, FileDescriptor to) => Outcome(LinkNative(from, name, to, name, 0));

    /// <summary>Opens the parent of a directory.</summary>
    public static FileDescriptor OpenParent(FileDescriptor directory) =>
        OpenAt2.TryOpen(directory, "..", OpenFlags.Directory, ResolveFlags.NoSymlinks | ResolveFlags.NoMountCrossing)
            ?? throw LinuxException.Last("openat2", "..");

    /// <summary>Moves a name to another directory. The new name must be free.</summary>
    public static Errno Move(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName) =>
        Outcome(RenameNative(from, name, to, newName, NoReplace));

    private static Errno Outcome(int result) => result == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    private static nint Fill(FileDescriptor directory, byte[] buffer)
    {
        nint count = GetDentsNative(directory, buffer, (nuint)buffer.Length);
        return count >= 0 ? count : throw LinuxException.Last("getdents64");
    }

    private static void Collect(ReadOnlySpan<byte> entries, List<RawName> names)
    {
        while (entries.Length > NameAt)
        {
            int length = MemoryMarshal.Read<ushort>(entries[LengthAt..]);
            ReadOnlySpan<byte> name = entries[NameAt..length];
            name = name[..(name.IndexOf((byte)0) + 1)];
            if (!name.SequenceEqual(".\0"u8) && !name.SequenceEqual("..\0"u8))
                names.Add(new RawName(name.ToArray(), entries[TypeAt] == 0 ? null : (FileKind)(entries[TypeAt] << TypeShift)));
            entries = entries[length..];
        }
    }

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static partial nint GetDentsNative(FileDescriptor directory, byte[] buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkNative(FileDescriptor directory, byte[] name, int flags);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MakeDirectoryNative(FileDescriptor directory, byte[] name, uint mode);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    private static partial int LinkNative(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName, int flags);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true)]
    private static partial int RenameNative(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenNative(long call, FileDescriptor directory, byte[] name, OpenAt2.OpenHow* how, nuint size);
}
