using Lofizone.Nfs.Files;

namespace Lofizone.Ownership;

/// <summary>
/// Whether an image whose lock was lost and taken again still has the owner record of this attachment: then nobody had it in between.
/// </summary>
/// <param name="recordPath">Path of the record on the server.</param>
/// <param name="mine">The record as this attachment wrote it.</param>
internal sealed class ImageOwnerProof(string recordPath, ImageOwner mine) : IOwnershipProof
{
    private volatile ImageOwner? _other;

    public string RecordPath => recordPath;

    /// <summary>Generation of the own record.</summary>
    public long Generation => mine.Generation;

    /// <summary>Who owned the image when that was last asked, other than this attachment; null when nobody is known.</summary>
    public ImageOwner? Other => _other;

    public string? Refuse(ReadOnlyMemory<byte>? record)
    {
        ImageOwner? found = ImageOwner.Parse(record);
        if (found is not null && found.Attachment == mine.Attachment && found.Generation == mine.Generation)
            return null;
        _other = found;
        return found is null
            ? "another host has owned the image since, and given it back"
            : $"host {found.Host} has owned the image since {found.Since:yyyy-MM-dd HH:mm:ss} UTC (generation {found.Generation} "
            + $"after {mine.Generation})";
    }
}
