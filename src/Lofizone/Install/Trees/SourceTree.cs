using System.Text;
using Lofizone.Interop;

namespace Lofizone.Install.Trees;

/// <summary>
/// The global zone, or a zone's root, as a tree to read. Symbolic links are followed as in a chroot at the tree's root. So another tree (of
/// a test, or of a mounted system) never leads to this host's own files.
/// </summary>
internal sealed class SourceTree : IDisposable
{
    /// <summary>Largest file that is read as text, bytes. dpkg's status with 5,000 packages has about 8 MiB.</summary>
    private const int TextLimitBytes = 128 << 20;

    private readonly DirectoryHandle _root;
    private readonly MountView? _view;
    private readonly string _name;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string?> _canonical = new(StringComparer.Ordinal);

    public SourceTree(string root) : this(root, DirectoryHandle.Open(root), null)
    {
    }

    private SourceTree(string name, DirectoryHandle root, MountView? view)
    {
        (_name, _root, _view) = (name.TrimEnd('/'), root, view);
        RealRoot = _root.RealPath.TrimEnd('/');
    }

    /// <summary>The tree of a zone's root, which lies on a mount that follows no symbolic link.</summary>
    public static SourceTree OfZone(string root)
    {
        MountView view = MountView.Open(root, ViewUse.Read);
        return new SourceTree(root, view.OpenRoot(), view);
    }

    /// <summary>The root's path for messages, without a trailing slash; "" for "/".</summary>
    public string Root => _name;

    /// <summary>The kernel's name of the root. The name can't be used to open the root.</summary>
    private string RealRoot { get; }

    public DirectoryHandle OpenDirectory(string canonical) => _root.OpenDirectory(canonical, PathWalk.InRoot);

    /// <summary>Content as text; null when the file does not exist.</summary>
    public string? ReadText(string path) => ReadBytes(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <exception cref="LofizoneException">The file is larger than any file that this program reads whole.</exception>
    public byte[]? ReadBytes(string path)
    {
        try
        {
            using FileDescriptor file = _root.OpenRegular(path, PathWalk.InRoot);
            byte[] content = RegularFile.Read(file, TextLimitBytes + 1);
            return content.Length <= TextLimitBytes
                ? content
                : throw new LofizoneException($"{Root}{path}: larger than {TextLimitBytes >> 20} MiB");
        }
        catch (LinuxException error) when (error.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
        catch (NotRegularFileException error) when (error.Kind == FileKind.Directory)
        {
            return null;
        }
        catch (NotRegularFileException error)
        {
            throw new LofizoneException($"{Root}{path}: {error.Reason}", "put the file back that belongs there", error);
        }
    }

    /// <summary>Names in a directory, sorted; empty when the directory does not exist.</summary>
    public IReadOnlyList<string> List(string path)
    {
        if (Canonical(path) is not { } canonical)
            return [];
        using DirectoryHandle directory = OpenDirectory(canonical);
        return [.. directory.Names().Order(StringComparer.Ordinal)];
    }

    /// <summary>The directory's path with all symbolic links resolved; "" for the root. Null when the path is not a directory.</summary>
    public string? Canonical(string directory)
    {
        if (_canonical.TryGetValue(directory, out string? known))
            return known;
        string? canonical = null;
        try
        {
            using DirectoryHandle handle = _root.OpenDirectory(directory, PathWalk.InRoot);
            canonical = handle.RealPath.TrimEnd('/')[RealRoot.Length..];
        }
        catch (LinuxException error) when (error.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP)
        {
            // The path is not a directory here. The caller decides whether that matters.
        }

        _canonical[directory] = canonical;
        return canonical;
    }

    /// <summary>
    /// The path with its directory's symbolic links resolved; the last component stays as it is. Null when the directory is missing.
    /// </summary>
    public string? CanonicalEntry(string path)
    {
        int slash = path.LastIndexOf('/');
        return Canonical(path[..slash]) is { } directory ? directory + path[slash..] : null;
    }

    /// <summary>Metadata of a canonical path; null when the path does not exist.</summary>
    public FileStatus? Stat(string canonical) => _root.TryStat(canonical.Length == 0 ? "." : canonical[1..]);

    /// <summary>Content of the symbolic link at a path; null when there is no link.</summary>
    public string? LinkAt(string path) =>
        CanonicalEntry(path) is { } canonical && Stat(canonical) is { Kind: FileKind.SymbolicLink } ? _root.ReadLink(canonical[1..]) : null;

    public void Dispose()
    {
        _root.Dispose();
        _view?.Dispose();
    }
}
