namespace Lofizone.Shares;

/// <summary>
/// A place that holds zones. Paths are relative to the share ("web/zone.json"); no component is "..", none is followed through a symbolic
/// link. Failures are <see cref="LofizoneException"/>s that name the share, the file and what to do.
/// </summary>
public interface IShare : IAsyncDisposable
{
    ShareUri Uri { get; }

    /// <summary>The whole file, or null when it isn't there. Refuses files larger than <paramref name="limitBytes"/>.</summary>
    Task<byte[]?> ReadFileAsync(string path, int limitBytes, CancellationToken cancellation);

    /// <summary>Writes a small file whole or not at all: temporary name, flush to stable storage, rename.</summary>
    Task WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>Creates a directory (mode 0700). False when the name exists already: of two hosts, one gets true.</summary>
    Task<bool> CreateDirectoryAsync(string path, CancellationToken cancellation);

    /// <summary>Names in a directory, or null when there is no such directory.</summary>
    Task<IReadOnlyList<string>?> ListAsync(string path, CancellationToken cancellation);

    /// <summary>Creates a sparse file of <paramref name="sizeBytes"/> (mode 0600); fails when the name exists.</summary>
    Task CreateImageAsync(string path, long sizeBytes, CancellationToken cancellation);

    /// <summary>What stands at a path, or null when nothing does.</summary>
    Task<ShareEntry?> StatAsync(string path, CancellationToken cancellation);

    /// <summary>Removes a file or an empty directory; a name that is not there is fine.</summary>
    Task RemoveAsync(string path, CancellationToken cancellation);

    /// <summary>
    /// Removes an image while holding its lock: refused when another host or program has it. A name that is not there is fine.
    /// </summary>
    Task RemoveImageAsync(string path, CancellationToken cancellation, Func<CancellationToken, Task>? underLock = null);

    /// <summary>
    /// Makes a new image that shares all blocks of another one, at once whatever its size (a reflink: ioctl_ficlone(2), NFSv4.2 CLONE).
    /// Durable when it returns. False, and nothing is made, when the share can't. The source is locked meanwhile: refused while it is in
    /// use.
    /// </summary>
    Task<bool> CloneImageAsync(string source, string target, CancellationToken cancellation);

    /// <summary>
    /// Makes a new image with the content of another one; what is a hole stays one. The data goes from file to file on the server where
    /// that can do it (copy_file_range(2), NFSv4.2 COPY), through this host otherwise. Durable when it returns; nothing is left of a copy
    /// that fails. The source is locked meanwhile: refused while it is in use.
    /// </summary>
    /// <param name="source">The image.</param>
    /// <param name="target">The new one; a name that exists is refused.</param>
    /// <param name="progress">Gets the bytes of data done so far; may be null.</param>
    /// <param name="cancellation">Ends the copy, of which nothing is left.</param>
    Task CopyImageAsync(string source, string target, IProgress<long>? progress, CancellationToken cancellation);

    /// <summary>
    /// Where an image's data is, in order; between the ranges are holes. One range over all of it where the share can't tell (NFSv4.1). May
    /// be asked of an image in use: what is told is then as of some moment meanwhile.
    /// </summary>
    Task<IReadOnlyList<DataRange>> MapImageAsync(string path, CancellationToken cancellation);

    Task<ShareSpace> SpaceAsync(CancellationToken cancellation);
}

/// <param name="IsDirectory">Directory, otherwise a regular file (anything else is refused).</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Allocated">Bytes that take space on the share; less than the size for a sparse file.</param>
public sealed record ShareEntry(bool IsDirectory, long Size, long Allocated);

/// <summary>Space of the share's file system, in bytes, for this identity.</summary>
public sealed record ShareSpace(long Total, long Free, long Available);

/// <summary>Bytes of an image that are data.</summary>
/// <param name="Offset">From the image's start.</param>
/// <param name="Length">More than none.</param>
public sealed record DataRange(long Offset, long Length);
