namespace Lofizone.Interop;

/// <summary>What a <see cref="MountView"/> is for.</summary>
public enum ViewUse
{
    /// <summary>Nothing can be changed or executed in it.</summary>
    Read,

    /// <summary>Nothing can be executed in it.</summary>
    Write,
}

/// <summary>
/// A directory of a mounted file system, seen by a mount of its own that has no place on the host: its root is the directory, nothing leads
/// above it, nothing that is mounted below it shows. Symbolic links in it can be followed, which the host's own mount refuses; whoever
/// walks in it keeps them inside (<see cref="ResolveFlags.InRoot"/>, chroot). It ends with this object, or with the process.
/// </summary>
public sealed class MountView : IDisposable
{
    private readonly FileDescriptor _tree;

    private MountView(FileDescriptor tree) => _tree = tree;

    /// <summary>The directory itself, open.</summary>
    public DirectoryHandle OpenRoot() => new(Files.OpenAt(_tree, ".", OpenFlags.Directory, ResolveFlags.Beneath | ResolveFlags.NoSymlinks));

    /// <exception cref="LinuxException">ENOENT, ELOOP when <paramref name="directory"/> is a symbolic link; EPERM without
    /// CAP_SYS_ADMIN.</exception>
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
