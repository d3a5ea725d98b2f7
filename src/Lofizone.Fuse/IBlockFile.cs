namespace Lofizone.Fuse;

/// <summary>
/// The one file behind a lofi device, whoever stores it: the narrow interface at which the FUSE server and a store meet.
/// Calls may overlap; the caller never has two writes to overlapping ranges under way at once (the block layer sees to it).
/// </summary>
public interface IBlockFile
{
    /// <summary>Length in bytes; fixed while the file is served.</summary>
    long Length { get; }

    /// <summary>
    /// Fills <paramref name="buffer"/> from <paramref name="offset"/> (bytes); returns fewer bytes only at the end of the file.
    /// </summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>
    /// Writes all of <paramref name="data"/>. The memory is the caller's again when the task completes; durable only after
    /// <see cref="FlushAsync"/>.
    /// </summary>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation);

    /// <summary>Completes when every write that completed before the call survives a crash of this host and of the store.</summary>
    ValueTask FlushAsync(CancellationToken cancellation);

    /// <summary>
    /// Makes the range read as zeros and gives its space back. Throws <see cref="NotSupportedException"/> where the store can't.
    /// </summary>
    ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation);
}
