using System.Text;

namespace Lofizone.Interop;

/// <summary>
/// Removes trees that a zone or a share has made: of any depth, with any number of any names, with attributes that forbid removal. Needs
/// two descriptors and little memory for any tree. Before a directory is removed, its subdirectories are moved up beside it, so that the
/// worked-on tree is never deeper than two. The next removal removes the rest that a killed removal leaves. The removal follows no symbolic
/// link and enters no mount in the tree.
/// </summary>
public static class DirectoryTree
{
    private const string MovedPrefix = "removed-";

    /// <summary>Removes the object of any type at a name of a directory. A missing name is no error.</summary>
    /// <exception cref="LinuxException">EBUSY when the tree holds a mount point; EROFS, EIO and so on.</exception>
    public static void Remove(DirectoryHandle parent, string name, CancellationToken cancellation)
    {
        byte[] raw = [.. Encoding.UTF8.GetBytes(name), 0];
        Removal removal = new(cancellation);
        if (!removal.TryUnlink(parent.Descriptor, new RawName(raw, null)))
        {
            using (FileDescriptor top = RawDirectory.Open(parent.Descriptor, raw))
                removal.Empty(top, top);
            removal.RemoveDirectory(parent.Descriptor, raw);
        }
    }

    /// <summary>Removes the whole content of a directory.</summary>
    public static void Empty(DirectoryHandle directory, CancellationToken cancellation) =>
        new Removal(cancellation).Empty(directory.Descriptor, directory.Descriptor);

    /// <summary>One removal: the numbers of the names that it has given, and its progress.</summary>
    private sealed class Removal(CancellationToken cancellation)
    {
        private long _names;
        private long _done;
        private Errno _putOff;

        /// <param name="work">The directory to be emptied.</param>
        /// <param name="top">
        /// The tree's first directory. A subvolume of btrfs is moved there, because a subvolume takes in no directory of another subvolume.
        /// </param>
        public void Empty(FileDescriptor work, FileDescriptor top)
        {
            while (true)
            {
                (long before, bool any) = (_done, false);
                foreach (RawName name in RawDirectory.Names(work))
                {
                    cancellation.ThrowIfCancellationRequested();
                    any = true;
                    if (!TryUnlink(work, name))
                        Flatten(work, name.Bytes, top);
                }

                if (!any)
                    return;
                // A file system that lists names which do not exist would keep this loop running forever.
                if (before == _done)
                    throw new LinuxException(_putOff == Errno.None ? Errno.EIO : _putOff, "unlinkat");
            }
        }

        /// <summary>Removes a name. True when the name is gone; false when the name is a directory.</summary>
        public bool TryUnlink(FileDescriptor directory, RawName name)
        {
            if (name.Kind == FileKind.Directory)
                return false;
            Errno errno = Persist(directory, name.Bytes, () => RawDirectory.Unlink(directory, name.Bytes));
            if (errno == Errno.EISDIR)
                return false;
            Count(errno, name.Bytes);
            return true;
        }

        public void RemoveDirectory(FileDescriptor directory, byte[] name) =>
            Count(Persist(directory, name, () => RawDirectory.RemoveDirectory(directory, name)), name);

        /// <summary>
        /// Removes a directory of <paramref name="work"/> after its subdirectories have become the directory's neighbours.
        /// </summary>
        private void Flatten(FileDescriptor work, byte[] name, FileDescriptor top)
        {
            Errno errno = Persist(work, name, () => RawDirectory.RemoveDirectory(work, name));
            if (errno is not (Errno.ENOTEMPTY or Errno.EEXIST))
            {
                Count(errno, name);
                return;
            }

            using (FileDescriptor directory = OpenOrBusy(work, name))
            {
                foreach (RawName child in RawDirectory.Names(directory))
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (TryUnlink(directory, child))
                        continue;
                    errno = MoveUp(directory, child.Bytes, work);
                    // The file system has no room for one more name now. There is room when other names are gone.
                    if (errno is Errno.ENOSPC or Errno.EDQUOT or Errno.EMLINK)
                    {
                        _putOff = errno;
                        return;
                    }

                    // The directory is a subvolume. Its directories can be moved up only inside the subvolume; the subvolume itself can be
                    // moved anywhere.
                    if (errno == Errno.EXDEV && work == top)
                        Empty(directory, top);
                    else if (errno == Errno.EXDEV)
                        errno = MoveUp(work, name, top);
                    if (errno == Errno.EXDEV)
                        break;
                    if (errno != Errno.None)
                        throw Failure(errno, child.Bytes);
                }
            }

            // The next round handles names that moved under another name or appeared during this round.
            errno = Persist(work, name, () => RawDirectory.RemoveDirectory(work, name));
            if (errno is not (Errno.ENOTEMPTY or Errno.EEXIST))
                Count(errno, name);
        }

        private Errno MoveUp(FileDescriptor from, byte[] name, FileDescriptor to)
        {
            while (true)
            {
                byte[] free = [.. Encoding.ASCII.GetBytes($"{MovedPrefix}{_names++}"), 0];
                Errno errno = Persist(from, name, () => RawDirectory.Move(from, name, to, free));
                _done += errno == Errno.None ? 1 : 0;
                if (errno != Errno.EEXIST)
                    return errno;
            }
        }

        /// <summary>Applies an operation to a name, and repeats it once without the attributes that forbid the operation.</summary>
        private static Errno Persist(FileDescriptor directory, byte[] name, Func<Errno> action)
        {
            Errno errno = action();
            if (errno is not (Errno.EPERM or Errno.EACCES))
                return errno;
            InodeFlags.Release(directory);
            using FileDescriptor? file = RawDirectory.TryOpen(directory, name, OpenFlags.ReadOnly | OpenFlags.NoFollow);
            if (file is not null)
                InodeFlags.Release(file);
            return action();
        }

        private void Count(Errno errno, byte[] name)
        {
            if (errno is not (Errno.None or Errno.ENOENT))
                throw Failure(errno, name);
            _done += errno == Errno.None ? 1 : 0;
        }

        private static FileDescriptor OpenOrBusy(FileDescriptor directory, byte[] name)
        {
            try
            {
                return RawDirectory.Open(directory, name);
            }
            catch (LinuxException e) when (e.Errno == Errno.EXDEV)
            {
                throw new LinuxException(Errno.EBUSY, "unlinkat");
            }
        }

        /// <summary>The exception for a name. The name may have any content, so the message does not contain the name.</summary>
        private static LinuxException Failure(Errno errno, byte[] name) =>
            new(errno, "unlinkat", $"(a name of {name.Length - 1} bytes)");
    }
}
