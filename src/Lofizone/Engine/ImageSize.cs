using Lofizone.Shares;

namespace Lofizone.Engine;

/// <summary>Which files can be block devices.</summary>
internal static class ImageSize
{
    /// <summary>Logical block size of every lofi device, bytes: the page size, so that no write is a read-modify-write below us.</summary>
    public const int BlockBytes = 4096;

    /// <exception cref="LofizoneException">Empty, or not a whole number of blocks.</exception>
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
