using System.Text;

namespace Lofizone.Interop;

/// <summary>
/// Makes a second tree beside a tree out of hard links: new directories with the same files. Works for any depth and any names with a few
/// descriptors. No other process may change the tree meanwhile. The code checks that a directory's parent is still the directory that it
/// was entered from.
/// </summary>
public static class LinkedTree
{
    private const uint PrivateDirectory = 0x1C0; // 0700 until its content is complete

    /// <summary>
    /// Clones the directory <paramref name="from"/> of <paramref name="parent"/> as its new directory <paramref name="to"/>.
    /// </summary>
    /// <exception cref="LinuxException">
    /// The file system refused, for example because it is full, or because the tree holds a mount point.
    /// </exception>
    /// <exception cref="UnchangeableFileException">
    /// The tree holds an immutable or append-only file or directory. Such a file can have no second name, and the copy of such a directory
    /// would lose the attribute.
    /// </exception>
    public static void Make(DirectoryHandle parent, string from, string to, CancellationToken cancellation)
    {
        Stack<Level> above = new();
        Level level = Level.Enter(parent.Descriptor, Raw(from), parent.Descriptor, Raw(to));
        try
        {
            level.LinkFiles(cancellation);
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                if (level.Rest.TryPop(out byte[]? next))
                {
                    Level below = Level.Enter(level.From, next, level.To, next);
                    level.Close();
                    above.Push(level);
                    level = below;
                    level.LinkFiles(cancellation);
                    continue;
                }

                level.CopyAttributes();
                if (!above.TryPop(out Level? outer))
                    return;
                outer.Return(level);
                level.Close();
                level = outer;
            }
        }
        finally
        {
            level.Close();
        }
    }

    private static byte[] Raw(string name) => [.. Encoding.UTF8.GetBytes(name), 0];

    /// <summary>
    /// A directory and its clone. Both are open while they are worked on, and are known by their inodes while their subdirectories are
    /// worked on.
    /// </summary>
    private sealed class Level
    {
        private Level(FileDescriptor from, FileDescriptor to)
        {
            (From, To) = (from, to);
            (FromId, ToId) = (FileStatus.At(from, ".")!.Id, FileStatus.At(to, ".")!.Id);
        }

        public FileDescriptor From { get; private set; }

        public FileDescriptor To { get; private set; }

        /// <summary>Subdirectories that are not cloned yet.</summary>
        public Stack<byte[]> Rest { get; } = new();

        private (DeviceNumber, ulong) FromId { get; }

        private (DeviceNumber, ulong) ToId { get; }

        public static Level Enter(FileDescriptor from, byte[] name, FileDescriptor to, byte[] newName)
        {
            Require(RawDirectory.MakeDirectory(to, newName, PrivateDirectory), "mkdir", newName);
            FileDescriptor source = RawDirectory.Open(from, name);
            try
            {
                if (InodeFlags.ForbidChange(source))
                    throw new UnchangeableFileException(Shown(name));
                return new Level(source, RawDirectory.Open(to, newName));
            }
            catch
            {
                source.Dispose();
                throw;
            }
        }

        public void LinkFiles(CancellationToken cancellation)
        {
            foreach (RawName name in RawDirectory.Names(From))
            {
                cancellation.ThrowIfCancellationRequested();
                if ((name.Kind ?? KindOf(name.Bytes)) == FileKind.Directory)
                    Rest.Push(name.Bytes);
                else
                    Link(name.Bytes);
            }
        }

        private void Link(byte[] name)
        {
            Errno errno = RawDirectory.Link(From, name, To);
            if (errno == Errno.EPERM && KindOf(name) == FileKind.Regular)
            {
                using FileDescriptor? file = RawDirectory.TryOpen(From, name, OpenFlags.NoFollow | OpenFlags.NonBlocking);
                if (file is not null && InodeFlags.ForbidChange(file))
                    throw new UnchangeableFileException(Shown(name));
            }

            Require(errno, "link", name);
        }

        /// <summary>Copies the attributes. Comes last, because each new entry changes the directory's time.</summary>
        public void CopyAttributes()
        {
            DirectoryHandle from = new(From), to = new(To);
            FileStatus metadata = from.TryStat(".")!;
            to.SetOwner(".", metadata.Uid, metadata.Gid);
            to.SetMode(".", (int)metadata.Mode);
            foreach (string attribute in Xattrs.List($"{from.ProcPath}/."))
            {
                if (Xattrs.Get($"{from.ProcPath}/.", attribute) is { } value)
                    Xattrs.Set($"{to.ProcPath}/.", attribute, value);
            }

            to.SetModified(".", metadata.ModifiedSeconds, metadata.ModifiedNanoseconds);
        }

        public void Close()
        {
            From.Dispose();
            To.Dispose();
        }

        /// <summary>Opens the pair again, by ".." of its last subdirectory.</summary>
        public void Return(Level below)
        {
            From = RawDirectory.OpenParent(below.From);
            To = RawDirectory.OpenParent(below.To);
            if (FileStatus.At(From, ".")!.Id != FromId || FileStatus.At(To, ".")!.Id != ToId)
                throw new LinuxException(Errno.ESTALE, "openat2", "..");
        }

        private FileKind? KindOf(byte[] name)
        {
            using FileDescriptor? file = RawDirectory.TryOpen(From, name, OpenFlags.Path | OpenFlags.NoFollow);
            return file is null ? null : FileStatus.Of(file).Kind;
        }

        private static void Require(Errno errno, string call, byte[] name)
        {
            if (errno != Errno.None)
                throw new LinuxException(errno, call, Shown(name));
        }

        /// <summary>A name for a message. The name is foreign, so each byte that could do harm on a terminal becomes '?'.</summary>
        private static string Shown(byte[] name) => string.Concat(name[..^1].Select(b => b is > 0x20 and < 0x7f ? (char)b : '?'));
    }
}
