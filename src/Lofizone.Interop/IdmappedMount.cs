namespace Lofizone.Interop;

/// <summary>
/// A second view of a mounted directory with shifted owners: an object of owner n on disk belongs to base+n in the view (mount_setattr(2),
/// MOUNT_ATTR_IDMAP).
/// </summary>
public static class IdmappedMount
{
    /// <summary>
    /// Mounts the directory <paramref name="source"/>, without the mounts below it, at <paramref name="target"/>, with IDs shifted by
    /// <paramref name="idBase"/>.
    /// </summary>
    /// <exception cref="LinuxException">
    /// mount_setattr with EINVAL: the file system can't be ID-mapped (NFS, FUSE), or the kernel is older than 5.14. ENOSYS: the kernel is
    /// older than 5.12.
    /// </exception>
    public static void Attach(string source, string target, uint idBase, uint count)
    {
        using FileDescriptor tree = Clone(source, idBase, count);
        Place(tree, target);
    }

    /// <summary>Makes the view without a mount point. The view ends when its descriptor is closed.</summary>
    /// <exception cref="LinuxException">See <see cref="Attach"/>.</exception>
    public static FileDescriptor Clone(string source, uint idBase, uint count)
    {
        using FileDescriptor mapping = UserNamespace.Open(idBase, count);
        FileDescriptor tree = MountTree.Clone(source);
        MountAttributes attributes = new()
        {
            Set = MountTree.Idmap | MountTree.NoDev,
            // The host's own mount has all of these flags. In the clone a set-user-ID program makes its user the zone's root, as su and
            // sudo need, and gives no rights on the host. Programs and symbolic links are the zone's own.
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

    /// <summary>Mounts such a view at <paramref name="target"/>.</summary>
    public static void Place(FileDescriptor tree, string target) => MountTree.Place(tree, target);
}
