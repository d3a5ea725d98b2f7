using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Shares;

/// <summary>
/// A share that is a directory of this host: local, or a mount of any kind. Every call starts from the share's own directory, and follows
/// no symbolic link below the directory or on the way to it.
/// </summary>
public sealed partial class DirShare : IShare
{
    private const uint PrivateFile = 0x180; // 0600
    private const uint PrivateDirectory = 0x1c0; // 0700
    private const UnixFileMode PrivateDirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileDescriptor _root;

    /// <summary>Opens the directory.</summary>
    /// <exception cref="LofizoneException">
    /// The directory is missing, is not a directory, or a part of its path is a symbolic link.
    /// </exception>
    public DirShare(ShareUri uri)
    {
        if (uri.IsNfs)
            throw new ArgumentException("not a dir: share", nameof(uri));
        Uri = uri;
        try
        {
            _root = SafePath.Open(uri.Path, OpenFlags.ReadOnly | OpenFlags.Directory);
        }
        catch (LofizoneException e) when (e.InnerException is LinuxException { Errno: Errno.ENOENT })
        {
            throw new LofizoneException(
                $"{uri}: there is no such directory on this host", $"make it (mkdir -m 700 -p {uri.Path}) or mount it", e);
        }
    }

    public ShareUri Uri { get; }

    /// <summary>The share of commands that name no share. Its directory is made at the first use.</summary>
    public static ShareUri Default(HostPaths paths)
    {
        Directory.CreateDirectory(paths.DefaultShare, PrivateDirectoryMode);
        return ShareUri.Parse(paths.DefaultShare);
    }

    public Task<IReadOnlyList<ShareFound>> LookAsync(IReadOnlyList<ShareLook> looks, CancellationToken cancellation) =>
        RunAsync("", IReadOnlyList<ShareFound> () => [.. looks.Select(Look)], cancellation);

    private ShareFound Look(ShareLook look)
    {
        try
        {
            return Explained(look.Path, () => StaleNames.RetryLook(() => look.LimitBytes == 0 ? Entry(look.Path) : Content(look)));
        }
        catch (LofizoneException refusal)
        {
            return ShareFound.Refused(refusal);
        }
    }

    private ShareFound Entry(string path)
    {
        using FileDescriptor? file = TryOpen(path, OpenFlags.Path | OpenFlags.NoFollow);
        if (file is null)
            return ShareFound.Nothing;
        FileStatus status = FileStatus.Of(file);
        return status.Kind is FileKind.Regular or FileKind.Directory ? ShareFound.Of(EntryOf(status)) : throw NoRegularFile(path);
    }

    private ShareFound Content(ShareLook look)
    {
        using FileDescriptor? file = TryOpenFile(look.Path);
        if (file is null)
            return ShareFound.Nothing;
        byte[] content = RegularFile.Read(file, look.LimitBytes + 1);
        FileStatus status = FileStatus.Of(file);
        return content.Length <= look.LimitBytes
            ? ShareFound.Of(EntryOf(status), content)
            : throw new LofizoneException(
                $"{Full(look.Path)}: {status.Size} bytes, more than the {look.LimitBytes} that such a file may have");
    }

    private static ShareEntry EntryOf(FileStatus status) => new(status.Kind == FileKind.Directory, status.Size, status.AllocatedBytes);

    public Task WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation) => RunAsync(path, () =>
    {
        using FileDescriptor directory = OpenParent(path, out string name);
        AtomicWrite.Write(directory, name, content.Span);
        return true;
    }, cancellation);

    public Task<bool> CreateDirectoryAsync(string path, CancellationToken cancellation) => RunAsync(path, () =>
    {
        using FileDescriptor directory = OpenParent(path, out string name);
        try
        {
            Files.MakeDirectory(directory, name, PrivateDirectory);
            FileContent.Sync(directory);
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.EEXIST)
        {
            using FileDescriptor? there = TryOpen(path, OpenFlags.Path);
            if (there is null || FileStatus.Of(there).Kind != FileKind.Directory)
                throw new LofizoneException(
                    $"{Full(path)}: is there already, but is no directory", "choose another name, or move it away", e);
            return false;
        }
    }, cancellation);

    public Task MoveDirectoryAsync(string from, string to, CancellationToken cancellation) => RunAsync(from, () =>
    {
        using FileDescriptor directory = OpenParent(from, out string old);
        using FileDescriptor target = OpenParent(to, out string name);
        Files.Rename(directory, old, target, name);
        FileContent.Sync(directory);
        FileContent.Sync(target);
        return true;
    }, cancellation);

    public Task<IReadOnlyList<string>?> ListAsync(string path, CancellationToken cancellation) =>
        RunAsync(path, () => StaleNames.RetryLook(() =>
    {
        using FileDescriptor? directory = TryOpen(path, OpenFlags.ReadOnly | OpenFlags.Directory);
        return directory is null ? null : DirectoryNames.Read(directory);
    }), cancellation);

    public Task CreateImageAsync(string path, long sizeBytes, CancellationToken cancellation) =>
        RunAsync(path, () => WithNewImage(path, made =>
    {
        FileContent.SetLength(made, sizeBytes);
        return true;
    }), cancellation);

    public Task RemoveImageAsync(string path, CancellationToken cancellation, Func<CancellationToken, Task>? underLock = null) =>
        RunAsync(path, () =>
    {
        try
        {
            using FileDescriptor directory = OpenParent(path, out string name);
            using FileDescriptor image = RegularFile.Open(directory, name, OpenFlags.ReadWrite, SafePath.Rules);
            if (!OfdLock.TryLock(image))
                throw InUse(path);
            // This thread waits for a directory anyway, so it may block.
            underLock?.Invoke(cancellation).GetAwaiter().GetResult();
            // The caller may have given up on this thread.
            cancellation.ThrowIfCancellationRequested();
            Files.Remove(directory, name);
            FileContent.Sync(directory);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            // The image is gone already, as wanted.
        }

        return true;
    }, cancellation);

    public Task RemoveAsync(string path, CancellationToken cancellation) => RunAsync(path, () =>
    {
        try
        {
            using FileDescriptor directory = OpenParent(path, out string name);
            try
            {
                Files.Remove(directory, name);
            }
            catch (LinuxException e) when (e.Errno is Errno.EISDIR or Errno.EPERM && IsDirectory(path))
            {
                Files.Remove(directory, name, isDirectory: true);
            }

            FileContent.Sync(directory);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            // The name is gone already, as wanted.
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOTEMPTY or Errno.EEXIST)
        {
            throw new LofizoneException($"{Full(path)}: the directory is not empty", $"look what is left in it: ls -la {Full(path)}", e);
        }

        return true;
    }, cancellation);

    public Task<ShareSpace> SpaceAsync(CancellationToken cancellation) => RunAsync("", () =>
    {
        FileSystemStatus status = FileSystemStatus.Of(_root);
        return new ShareSpace(status.TotalBytes, status.FreeBytes, status.AvailableBytes);
    }, cancellation);

    public ValueTask DisposeAsync()
    {
        _root.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Runs the action on another thread: a directory on a dead server blocks in the kernel, and the caller then gives up.
    /// </summary>
    private Task<T> RunAsync<T>(string path, Func<T> action, CancellationToken cancellation)
    {
        Task<T> work = Task.Run(() => Explained(path, action), cancellation);
        return KernelServer.WaitAsync(work, Uri, stop => KernelServer.AnswersAsync(Uri, stop), TimeProvider.System, cancellation);
    }

    private T Explained<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (LinuxException e)
        {
            throw ShareErrors.Explain(e, Full(path));
        }
        catch (NotRegularFileException)
        {
            throw NoRegularFile(path);
        }
    }

    private FileDescriptor? TryOpen(string path, OpenFlags flags)
    {
        try
        {
            return Files.OpenAt(_root, Checked(path), flags, SafePath.Rules);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT)
        {
            return null;
        }
    }

    private FileDescriptor? TryOpenFile(string path)
    {
        try
        {
            return RegularFile.Open(_root, Checked(path), OpenFlags.ReadOnly, SafePath.Rules);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT)
        {
            return null;
        }
    }

    private FileDescriptor OpenParent(string path, out string name)
    {
        path = Checked(path);
        int slash = path.LastIndexOf('/');
        name = path[(slash + 1)..];
        if (name is "" or ".")
            throw new ArgumentException("the path names nothing in the share", nameof(path));
        return Files.OpenAt(_root, slash < 0 ? "." : path[..slash], OpenFlags.ReadOnly | OpenFlags.Directory, SafePath.Rules);
    }

    private bool IsDirectory(string path)
    {
        using FileDescriptor? there = TryOpen(path, OpenFlags.Path | OpenFlags.NoFollow);
        return there is not null && FileStatus.Of(there).Kind == FileKind.Directory;
    }

    private static string Checked(string path)
    {
        if (path.StartsWith('/') || path.Split('/').Contains(".."))
            throw new ArgumentException($"'{path}' is not relative to the share", nameof(path));
        return path.Length == 0 ? "." : path;
    }

    private string Full(string path) => path.Length == 0 ? Uri.Path : Uri.Below(path).Path;

    private LofizoneException NoRegularFile(string path) =>
        new($"{Full(path)}: neither a regular file nor a directory", "only those belong on a share: move it away");
}
