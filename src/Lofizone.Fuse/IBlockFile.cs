namespace Lofizone.Fuse;

/// <summary>
/// The one file behind a lofi device: the narrow interface at which the FUSE server and a store meet. Calls may overlap. The caller never
/// has two writes to overlapping ranges under way; the block layer guarantees that.
/// </summary>
public interface IBlockFile
{
    /// <summary>Length in bytes; does not change while the file is served.</summary>
    long Length { get; }

    /// <summary>
    /// Fills <paramref name="buffer"/> from <paramref name="offset"/> (bytes). Returns fewer bytes only at the end of the file.
    /// </summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>
    /// Writes all of <paramref name="data"/>. The memory is the caller's again when the task completes. The data is durable after
    /// <see cref="FlushAsync"/>.
    /// </summary>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation);

    /// <summary>
    /// Completes when the data of every write that completed before the call survives a crash of this host and of the store.
    /// </summary>
    ValueTask FlushAsync(CancellationToken cancellation);

    /// <summary>
    /// Makes the range read as zeros and gives the range's space back. Throws <see cref="NotSupportedException"/> when the store does not
    /// support holes.
    /// </summary>
    ValueTask PunchHoleAsync(long offset, long length, CancellationToken cancellation);
}
