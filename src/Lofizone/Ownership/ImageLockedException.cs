namespace Lofizone.Ownership;

/// <summary>The image's lock is held by another host.</summary>
internal sealed class ImageLockedException(string message, ImageOwner? owner = null) : Exception(message)
{
    /// <summary>Its owner by the record, if there is one and it was read.</summary>
    public ImageOwner? Owner => owner;
}
