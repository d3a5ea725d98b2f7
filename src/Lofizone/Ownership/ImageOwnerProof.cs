using Lofizone.Nfs.Files;

namespace Lofizone.Ownership;

/// <summary>
/// Tells whether an image whose lock was lost and taken again still has the owner record of this attachment. If so, no other host had the
/// image in between.
/// </summary>
/// <param name="recordPath">Path of the record on the server.</param>
/// <param name="mine">The record that this attachment wrote.</param>
internal sealed class ImageOwnerProof(string recordPath, ImageOwner mine) : IOwnershipProof
{
    private volatile ImageOwner? _other;

    public string RecordPath => recordPath;

    /// <summary>Generation of this attachment's record.</summary>
    public long Generation => mine.Generation;

    /// <summary>The image's owner other than this attachment, as of the last question; null when none is known.</summary>
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
