namespace Lofizone.Interop;

/// <summary>
/// A second view of a mounted directory in which owners are shifted: what is owned by n on disk belongs to base+n in the view.
/// </summary>
public static class IdmappedMount
{
    /// <summary>
    /// Mounts the directory <paramref name="source"/> (without what is mounted below it) at <paramref name="target"/>, IDs shifted by
    /// <paramref name="idBase"/>.
    /// </summary>
    /// <exception cref="LinuxException">mount_setattr with EINVAL: the file system can't be ID-mapped (NFS, FUSE), or the kernel is older
    /// than 5.14; ENOSYS: older than 5.12.</exception>
    public static void Attach(string source, string target, uint idBase, uint count)
    {
        using FileDescriptor tree = Clone(source, idBase, count);
        Place(tree, target);
    }

    /// <summary>The view without a place; it ends with its descriptor.</summary>
    /// <exception cref="LinuxException">As above.</exception>
    public static FileDescriptor Clone(string source, uint idBase, uint count)
    {
        using FileDescriptor mapping = UserNamespace.Open(idBase, count);
        FileDescriptor tree = MountTree.Clone(source);
        MountAttributes attributes = new()
        {
            Set = MountTree.Idmap | MountTree.NoDev,
            // The host's own mount has all of these. In the clone a set-uid program makes its user the zone's root, as su and sudo need it,
            // and nobody on the host; programs and symbolic links are the zone's own.
            Clear = MountTree.NoSuid | MountTree.NoExec | MountTree.NoSymFollow,
            Propagation = MountTree.PropagationPrivate,
            UserNamespace = (ulong)mapping.Number,
        };
        try
        {
            MountTree.Change(tree, attributes, source);
            return tree;
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    /// <summary>Gives such a view its place.</summary>
    public static void Place(FileDescriptor tree, string target) => MountTree.Place(tree, target);
}
