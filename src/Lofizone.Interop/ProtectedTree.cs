namespace Lofizone.Interop;

/// <summary>Makes a mounted tree read-only but for some of its directories. Symbolic links in the tree are not followed.</summary>
public static class ProtectedTree
{
    private static readonly MountAttributes _readOnly = new() { Set = MountTree.ReadOnly };
    private static readonly MountAttributes _writable = new() { Clear = MountTree.ReadOnly };

    /// <summary>
    /// Protects the tree in this mount namespace. The namespace is this process's own, so that other views of the tree stay as they are.
    /// </summary>
    /// <param name="root">The tree's mount point.</param>
    /// <param name="writable">Directories that stay writable, relative to the tree. A directory that is missing is left out.</param>
    /// <param name="except">Directories below these that are read-only nevertheless.</param>
    /// <exception cref="LinuxException">
    /// ELOOP or ENOTDIR: a name is a symbolic link, or no directory. EBUSY: a file is open for writing.
    /// </exception>
    public static void Protect(string root, IReadOnlyList<string> writable, IReadOnlyList<string> except)
    {
        using (DirectoryHandle top = DirectoryHandle.Open(root))
            MountTree.Change(top.Descriptor, _readOnly, root);
        foreach (string name in writable)
            Cover(root, name, _writable);
        // These lie in the writable directories, and are found there in the mounts that cover them by now.
        foreach (string name in except)
            Cover(root, name, _readOnly);
    }

    /// <summary>Mounts a directory on itself, with other attributes.</summary>
    private static void Cover(string root, string name, MountAttributes attributes)
    {
        using DirectoryHandle top = DirectoryHandle.Open(root);
        using DirectoryHandle? place = TryOpen(top, name);
        if (place is null)
            return;
        using FileDescriptor tree = MountTree.Clone(place.Descriptor);
        MountTree.Change(tree, attributes, name);
        MountTree.Place(tree, place.Descriptor);
    }

    private static DirectoryHandle? TryOpen(DirectoryHandle top, string name)
    {
        try
        {
            return top.OpenDirectory(name, PathWalk.NoLinks);
        }
        catch (LinuxException error) when (error.Errno == Errno.ENOENT)
        {
            return null;
        }
    }
}
