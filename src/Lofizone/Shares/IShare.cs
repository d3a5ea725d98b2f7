namespace Lofizone.Shares;

/// <summary>
/// A place that holds zones. Paths are relative to the share ("web/zone.json"); no component is "..", none is followed through a symbolic link.
/// Failures are <see cref="LofizoneException"/>s that name the share, the file and what to do.
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

    /// <summary>Removes an image while holding its lock: refused when another host or program has it. A name that is not there is fine.</summary>
    Task RemoveImageAsync(string path, CancellationToken cancellation);

    Task<ShareSpace> SpaceAsync(CancellationToken cancellation);
}

/// <param name="IsDirectory">Directory, otherwise a regular file (anything else is refused).</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Allocated">Bytes that take space on the share; less than the size for a sparse file.</param>
public sealed record ShareEntry(bool IsDirectory, long Size, long Allocated);

/// <summary>Space of the share's file system, in bytes, for this identity.</summary>
public sealed record ShareSpace(long Total, long Free, long Available);
