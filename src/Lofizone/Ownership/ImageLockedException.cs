namespace Lofizone.Ownership;

/// <summary>Another host holds the image's lock.</summary>
internal sealed class ImageLockedException(string message, ImageOwner? owner = null) : Exception(message)
{
    /// <summary>The image's owner by the record; null when there is no record or it was not read.</summary>
    public ImageOwner? Owner => owner;
}
