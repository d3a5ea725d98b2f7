namespace Lofizone.Shares;

/// <summary>
/// A place that holds zones. Paths are relative to the share ("web/zone.json"). No component is "..", and no component is followed through
/// a symbolic link. Failures are <see cref="LofizoneException"/>s that name the share, the file and the remedy.
/// </summary>
public interface IShare : IAsyncDisposable
{
    ShareUri Uri { get; }

    /// <summary>
    /// Looks at several paths, over NFS in as few requests as possible: what is behind a missing one takes one request more. Each answer is
    /// an entry, or nothing, or a refusal of its own.
    /// </summary>
    Task<IReadOnlyList<ShareFound>> LookAsync(IReadOnlyList<ShareLook> looks, CancellationToken cancellation);

    /// <summary>Writes a small file atomically: temporary name, flush to stable storage, rename.</summary>
    Task WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>Creates a directory (mode 0700). False when the name exists already: of two hosts, one gets true.</summary>
    Task<bool> CreateDirectoryAsync(string path, CancellationToken cancellation);

    /// <summary>Gives a directory of the share another name. An empty directory of that name is replaced.</summary>
    Task MoveDirectoryAsync(string from, string to, CancellationToken cancellation);

    /// <summary>Names in a directory, or null when there is no such directory.</summary>
    Task<IReadOnlyList<string>?> ListAsync(string path, CancellationToken cancellation);

    /// <summary>Creates a sparse file of <paramref name="sizeBytes"/> (mode 0600); fails when the name exists.</summary>
    Task CreateImageAsync(string path, long sizeBytes, CancellationToken cancellation);

    /// <summary>Removes a file or an empty directory. A missing name is no error.</summary>
    Task RemoveAsync(string path, CancellationToken cancellation);

    /// <summary>Removes an image under its lock. Refused when another host or program has the image. A missing name is no error.</summary>
    Task RemoveImageAsync(string path, CancellationToken cancellation, Func<CancellationToken, Task>? underLock = null);

    /// <summary>
    /// Makes a new image that shares all blocks of another image (a reflink: ioctl_ficlone(2), NFSv4.2 CLONE). The duration does not depend
    /// on the size. The result is durable on return. False, without any change, when the share does not support reflinks. The source is
    /// locked during the call, and refused while it is in use.
    /// </summary>
    Task<bool> CloneImageAsync(string source, string target, CancellationToken cancellation);

    /// <summary>
    /// Makes a new image with the content of another image; holes stay holes. The server copies the data if it can (copy_file_range(2),
    /// NFSv4.2 COPY); otherwise this host does. The result is durable on return. A failed copy leaves nothing behind. The source is locked
    /// during the call, and refused while it is in use.
    /// </summary>
    /// <param name="source">The image.</param>
    /// <param name="target">The new image. An existing name is refused.</param>
    /// <param name="progress">Gets the bytes of data done so far; may be null.</param>
    /// <param name="cancellation">Ends the copy and removes it.</param>
    Task CopyImageAsync(string source, string target, IProgress<long>? progress, CancellationToken cancellation);

    /// <summary>
    /// The ranges of an image's data, in order; holes lie between the ranges. One range over the whole image when the share can't tell
    /// (NFSv4.1). The image may be in use; the answer then describes some moment during the call.
    /// </summary>
    Task<IReadOnlyList<DataRange>> MapImageAsync(string path, CancellationToken cancellation);

    Task<ShareSpace> SpaceAsync(CancellationToken cancellation);
}

/// <param name="IsDirectory">True for a directory, false for a regular file. Other types are refused.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Allocated">Bytes that take space on the share; less than the size for a sparse file.</param>
public sealed record ShareEntry(bool IsDirectory, long Size, long Allocated);

/// <summary>Space of the share's file system, in bytes, for this identity.</summary>
public sealed record ShareSpace(long Total, long Free, long Available);

/// <summary>A range of an image that is data.</summary>
/// <param name="Offset">Offset from the image's start, bytes.</param>
/// <param name="Length">Length in bytes, more than 0.</param>
public sealed record DataRange(long Offset, long Length);
