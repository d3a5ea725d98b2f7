namespace Lofizone.Interop;

/// <summary>The use of a <see cref="MountView"/>.</summary>
public enum ViewUse
{
    /// <summary>No file in the view can be changed or executed.</summary>
    Read,

    /// <summary>No file in the view can be executed.</summary>
    Write,
}

/// <summary>
/// A directory of a mounted file system, seen through a detached mount. The mount's root is the directory, so no path leads above it, and
/// mounts below it do not show. Symbolic links in the view can be followed, which the host's own mount refuses. The user of the view must
/// keep links inside (<see cref="ResolveFlags.InRoot"/>, chroot). The view ends with this object, or with the process.
/// </summary>
public sealed class MountView : IDisposable
{
    private readonly FileDescriptor _tree;

    private MountView(FileDescriptor tree) => _tree = tree;

    /// <summary>Opens the directory itself.</summary>
    public DirectoryHandle OpenRoot() => new(Files.OpenAt(_tree, ".", OpenFlags.Directory, ResolveFlags.Beneath | ResolveFlags.NoSymlinks));

    /// <exception cref="LinuxException">
    /// ENOENT; ELOOP when <paramref name="directory"/> is a symbolic link; EPERM without CAP_SYS_ADMIN.
    /// </exception>
    public static MountView Open(string directory, ViewUse use)
    {
        FileDescriptor tree = MountTree.Clone(directory);
        try
        {
            MountAttributes attributes = new()
            {
                Set = MountTree.NoSuid | MountTree.NoDev | MountTree.NoExec | (use == ViewUse.Read ? MountTree.ReadOnly : 0),
                Clear = MountTree.NoSymFollow,
                Propagation = MountTree.PropagationPrivate,
            };
            MountTree.Change(tree, attributes, directory);
            return new MountView(tree);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    public void Dispose() => _tree.Dispose();
}
