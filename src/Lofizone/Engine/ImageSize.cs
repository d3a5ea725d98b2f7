using Lofizone.Shares;

namespace Lofizone.Engine;

/// <summary>Checks whether a file can be a block device.</summary>
internal static class ImageSize
{
    /// <summary>
    /// Logical block size of every lofi device, bytes. It is the page size, so that no write becomes a read-modify-write at the server.
    /// </summary>
    public const int BlockBytes = 4096;

    /// <exception cref="LofizoneException">The file is empty, or its length is not a multiple of the block size.</exception>
    public static void Check(ShareUri image, long sizeBytes)
    {
        if (sizeBytes == 0)
            throw new LofizoneException($"{image}: the file is empty", $"make it with a size: mkfile -n 300m {image}");
        if (sizeBytes % BlockBytes != 0)
            throw new LofizoneException(
                $"{image}: {sizeBytes} bytes are not a multiple of {BlockBytes}: the last {sizeBytes % BlockBytes} bytes would be out "
                + "of reach",
                $"an image is a whole number of {BlockBytes}-byte blocks: make a new one with mkfile, or extend it with: truncate -s "
                + $"%{BlockBytes} FILE");
    }
}
