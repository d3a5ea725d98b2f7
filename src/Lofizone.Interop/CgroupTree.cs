using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Lofizone.Interop;

/// <summary>The result of one walk through a cgroup and its descendants.</summary>
/// <param name="Gone">The cgroup itself is removed, or did not exist.</param>
/// <param name="Removed">Number of cgroups that were removed.</param>
/// <param name="Processes">Processes in the cgroups that stayed.</param>
public sealed record CgroupRemoval(bool Gone, long Removed, IReadOnlySet<int> Processes);

/// <summary>
/// Removes cgroups that a zone has made: of any depth, number and name. The walk goes from directory to directory by descriptor, with two
/// open at a time, and never builds a path, because the kernel takes no path longer than PATH_MAX.
/// </summary>
public static unsafe partial class CgroupTree
{
    private const int RemoveDirectoryFlag = 0x200; // AT_REMOVEDIR
    private const int FromStart = 0; // SEEK_SET

    /// <summary>
    /// Size of the buffer for entries, bytes. The buffer is small because the rest of a batch is read again after each cgroup that the walk
    /// enters.
    /// </summary>
    private const int BatchBytes = 4 << 10;

    // struct linux_dirent64 (getdents64(2)): inode, position of the next entry, length of this entry, type, name.
    private const int NextOffset = 8;
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;
    private const byte IsDirectory = 4; // DT_DIR

    /// <summary>One walk, from the leaves up. A cgroup that holds a process stays, and so do its ancestors.</summary>
    /// <param name="path">The topmost cgroup.</param>
    /// <param name="cancellation">Checked before each cgroup.</param>
    /// <exception cref="LinuxException">A directory that exists can't be opened or read.</exception>
    public static CgroupRemoval Remove(string path, CancellationToken cancellation)
    {
        HashSet<int> processes = [];
        long removed = 0;
        FileDescriptor current;
        try
        {
            current = Files.Open(path, OpenFlags.Directory | OpenFlags.NoFollow);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return new CgroupRemoval(true, 0, processes);
        }

        try
        {
            // For each cgroup on the way down: its name in its parent, and the position at which the reading of the parent continues.
            Stack<(byte[] Name, long Position)> way = new();
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                (byte[] Name, long Position)? child = RemoveLeaves(current, ref removed);
                if (child is { } down && Open(current, down.Name) is { } below)
                {
                    way.Push(down);
                    current.Dispose();
                    current = below;
                }
                else if (child is { } gone)
                {
                    Seek(current, gone.Position);
                }
                else if (way.TryPop(out (byte[] Name, long Position) up))
                {
                    FileDescriptor above = Open(current, ".."u8) ?? throw LinuxException.Last("openat", "..");
                    if (TryRemove(above, up.Name))
                        removed++;
                    else
                        ReadProcesses(current, processes);
                    current.Dispose();
                    current = above;
                    Seek(current, up.Position);
                }
                else
                {
                    break;
                }
            }

            try
            {
                CgroupDirectory.Remove(path);
                return new CgroupRemoval(true, removed + 1, processes);
            }
            catch (LinuxException e) when (e.Errno == Errno.ENOENT)
            {
                return new CgroupRemoval(true, removed, processes);
            }
            catch (LinuxException)
            {
                ReadProcesses(current, processes);
                return new CgroupRemoval(false, removed, processes);
            }
        }
        finally
        {
            current.Dispose();
        }
    }

    /// <summary>Reads on in a directory and removes the leaves. Returns the first child that can't be removed; null at the end.</summary>
    private static (byte[] Name, long Position)? RemoveLeaves(FileDescriptor directory, ref long removed)
    {
        byte* buffer = stackalloc byte[BatchBytes];
        while (true)
        {
            nint count = GetDents64Native(directory, buffer, BatchBytes);
            if (count < 0 && Marshal.GetLastPInvokeError() != (int)Errno.ENOENT)
                throw LinuxException.Last("getdents64");
            if (count <= 0)
                return null;
            for (ReadOnlySpan<byte> entries = new(buffer, (int)count);
                entries.Length > NameOffset;
                entries = entries[MemoryMarshal.Read<ushort>(entries[LengthOffset..])..])
            {
                ReadOnlySpan<byte> name = entries[NameOffset..MemoryMarshal.Read<ushort>(entries[LengthOffset..])];
                name = name[..name.IndexOf((byte)0)];
                if (entries[TypeOffset] != IsDirectory || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
                    continue;
                if (!TryRemove(directory, name))
                    return (name.ToArray(), MemoryMarshal.Read<long>(entries[NextOffset..]));
                removed++;
            }
        }
    }

    private static bool TryRemove(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        fixed (byte* text = Terminated(name))
            return UnlinkAtNative(directory, text, RemoveDirectoryFlag) == 0;
    }

    /// <returns>Null when the directory does not exist any more.</returns>
    private static FileDescriptor? Open(FileDescriptor directory, ReadOnlySpan<byte> name, OpenFlags kind = OpenFlags.Directory)
    {
        fixed (byte* text = Terminated(name))
        {
            int number = OpenAtNative(directory, text, Files.ForThisProcessor(kind | OpenFlags.NoFollow | OpenFlags.CloseOnExec));
            if (number >= 0)
                return new FileDescriptor(number);
            return Marshal.GetLastPInvokeError() == (int)Errno.ENOENT ? null : throw LinuxException.Last("openat");
        }
    }

    /// <summary>
    /// Reads the processes of a cgroup. The list of a threaded cgroup (version 2) can't be read: an ancestor lists its processes
    /// (Documentation/admin-guide/cgroup-v2.rst).
    /// </summary>
    private static void ReadProcesses(FileDescriptor cgroup, HashSet<int> processes)
    {
        using FileDescriptor? file = Open(cgroup, "cgroup.procs"u8, OpenFlags.ReadOnly);
        if (file is null)
            return;
        Span<byte> buffer = stackalloc byte[BatchBytes];
        int kept = 0;
        int count;
        while ((count = Polling.Read(file.Number, buffer[kept..])) > 0)
        {
            Span<byte> text = buffer[..(kept + count)];
            for (int end = text.IndexOf((byte)'\n'); end >= 0; text = text[(end + 1)..], end = text.IndexOf((byte)'\n'))
            {
                // 0 stands for a process of another PID namespace, which can't belong to a zone of this host.
                if (Utf8Parser.TryParse(text[..end], out int process, out _) && process > 0)
                    processes.Add(process);
            }

            text.CopyTo(buffer);
            kept = text.Length;
        }
    }

    private static byte[] Terminated(ReadOnlySpan<byte> name) => [.. name, 0];

    private static void Seek(FileDescriptor directory, long position) =>
        LinuxException.Check(SeekNative(directory, position, FromStart), "lseek");

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static partial nint GetDents64Native(FileDescriptor descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAtNative(FileDescriptor directory, byte* name, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAtNative(FileDescriptor directory, byte* name, int flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long SeekNative(FileDescriptor descriptor, long offset, int whence);
}
