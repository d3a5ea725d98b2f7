using System.Text;

namespace Lofizone.Interop;

/// <summary>
/// A second tree of a tree beside it, made of hard links: its own directories, the same files. Any depth and any names; a few descriptors.
/// Nothing else may change the tree meanwhile; that a directory's parent is still the one it was entered from is checked.
/// </summary>
public static class LinkedTree
{
    private const uint PrivateDirectory = 0x1C0; // 0700 until its content is complete

    /// <summary>
    /// Clones the directory <paramref name="from"/> of <paramref name="parent"/> as its new directory <paramref name="to"/>.
    /// </summary>
    /// <exception cref="LinuxException">The file system refused: full, something mounted in the tree.</exception>
    /// <exception cref="UnchangeableFileException">An immutable or append-only file can have no second name, and a directory's copy would
    /// be neither.</exception>
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
    /// A directory and its clone: open while they are worked on, known by their inodes while it is their subdirectories' turn.
    /// </summary>
    private sealed class Level
    {
        private Level(FileDescriptor from, FileDescriptor to)
        {
            (From, To) = (from, to);
            (FromId, ToId) = (FileMetadata.At(from, ".")!.Id, FileMetadata.At(to, ".")!.Id);
        }

        public FileDescriptor From { get; private set; }

        public FileDescriptor To { get; private set; }

        /// <summary>Subdirectories whose turn is still to come.</summary>
        public Stack<byte[]> Rest { get; } = new();

        private (ulong, ulong) FromId { get; }

        private (ulong, ulong) ToId { get; }

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

        /// <summary>Last: every entry that is made in it changes its time.</summary>
        public void CopyAttributes()
        {
            DirectoryHandle from = new(From), to = new(To);
            FileMetadata metadata = from.TryStat(".")!;
            to.SetOwner(".", metadata.UserId, metadata.GroupId);
            to.SetMode(".", metadata.Mode);
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

        /// <summary>Opens the pair again, by its last subdirectory's way up.</summary>
        public void Return(Level below)
        {
            From = RawDirectory.OpenParent(below.From);
            To = RawDirectory.OpenParent(below.To);
            if (FileMetadata.At(From, ".")!.Id != FromId || FileMetadata.At(To, ".")!.Id != ToId)
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

        /// <summary>The name is foreign: only what can't do harm on a terminal is told.</summary>
        private static string Shown(byte[] name) => string.Concat(name[..^1].Select(b => b is > 0x20 and < 0x7f ? (char)b : '?'));
    }
}
