using System.Text;
using Lofizone.Interop;

namespace Lofizone.Install.Trees;

/// <summary>
/// The zone's root as a tree to write. No path leads through a symbolic link out of the tree. Directories are opened with openat2(2): for
/// copied entries, whose paths are canonical, links are refused; for files that are made afterwards, links are followed as in a chroot.
/// </summary>
internal sealed class TargetTree : IDisposable
{
    private readonly MountView _view;
    private readonly DirectoryHandle _root;

    /// <param name="root">A zone's root, which lies on a mount that follows no symbolic link.</param>
    /// <param name="use">The use of the tree.</param>
    public TargetTree(string root, ViewUse use)
    {
        _view = MountView.Open(root, use);
        _root = _view.OpenRoot();
    }

    public DirectoryHandle OpenCanonical(string directory) => _root.OpenDirectory(directory, PathWalk.NoLinks);

    /// <summary>True when the path exists. Links in its directory are followed inside the zone; a link as the last name is not.</summary>
    public bool Exists(string path) => WithParent(path, create: false, (directory, name) => directory.TryStat(name) is not null);

    /// <summary>Writes a file of owner root. Replaces an existing object unless that is a directory.</summary>
    public void WriteFile(string path, ReadOnlySpan<byte> content, int mode = 0x1A4, uint group = 0)
    {
        byte[] copy = content.ToArray();
        WithParent(path, create: true, (directory, name) =>
        {
            Remove(directory, name);
            using (FileDescriptor file = directory.CreateFile(name))
                CopyFile.Write(file, copy);
            directory.SetOwner(name, 0, group);
            directory.SetMode(name, mode);
            return true;
        });
    }

    /// <summary>Writes a file like <see cref="WriteFile"/>, in UTF-8.</summary>
    public void WriteText(string path, string content, int mode = 0x1A4, uint group = 0) =>
        WriteFile(path, Encoding.UTF8.GetBytes(content), mode, group);

    /// <summary>Makes a symbolic link. Replaces an existing object unless that is a directory.</summary>
    public void Link(string path, string content) => WithParent(path, create: true, (directory, name) =>
    {
        Remove(directory, name);
        directory.MakeSymbolicLink(content, name);
        return true;
    });

    /// <summary>
    /// Makes a directory with exactly this mode, and its missing parents with mode 0755. An existing directory gets the mode.
    /// </summary>
    public void MakeDirectory(string path, int mode = 0x1ED) => WithParent(path, create: true, (directory, name) =>
    {
        FileStatus? there = directory.TryStat(name);
        if (there is { Kind: FileKind.SymbolicLink })
            return false; // leads to a directory that was copied
        if (there is null)
            directory.MakeDirectory(name, mode);
        directory.SetMode(name, mode);
        return true;
    });

    /// <summary>Removes the object at the path unless it is a directory. True when an object was removed.</summary>
    public bool RemoveFile(string path) => WithParent(path, create: false, (directory, name) =>
    {
        if (directory.TryStat(name) is not { } there || there.Kind == FileKind.Directory)
            return false;
        directory.Unlink(name);
        return true;
    });

    /// <summary>Removes a directory if it is empty. True when it was removed.</summary>
    public bool RemoveEmptyDirectory(string path) => WithParent(path, create: false, (directory, name) =>
    {
        if (directory.TryStat(name) is not { Kind: FileKind.Directory })
            return false;
        try
        {
            directory.RemoveDirectory(name);
            return true;
        }
        catch (LinuxException error) when (error.Errno == Errno.ENOTEMPTY)
        {
            return false;
        }
    });

    public void Dispose()
    {
        _root.Dispose();
        _view.Dispose();
    }

    private static void Remove(DirectoryHandle directory, string name)
    {
        if (directory.TryStat(name) is not null)
            directory.Unlink(name);
    }

    private bool WithParent(string path, bool create, Func<DirectoryHandle, string, bool> action)
    {
        int slash = path.LastIndexOf('/');
        if (slash > 0 && create)
            EnsureDirectory(path[..slash]);
        try
        {
            using DirectoryHandle directory = _root.OpenDirectory(path[..slash], PathWalk.InRoot);
            return action(directory, path[(slash + 1)..]);
        }
        catch (LinuxException error) when (!create && error.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return false;
        }
    }

    private void EnsureDirectory(string path)
    {
        try
        {
            _root.OpenDirectory(path, PathWalk.InRoot).Dispose();
        }
        catch (LinuxException error) when (error.Errno == Errno.ENOENT)
        {
            MakeDirectory(path);
        }
    }
}
