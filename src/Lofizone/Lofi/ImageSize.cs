using Lofizone.Shares;

namespace Lofizone.Lofi;

/// <summary>Which files can be block devices.</summary>
internal static class ImageSize
{
    /// <exception cref="LofizoneException">Empty, or not a whole number of blocks.</exception>
    public static void Check(ShareUri image, long sizeBytes)
    {
        if (sizeBytes == 0)
            throw new LofizoneException($"{image}: the file is empty", $"make it with a size: mkfile -n 300m {image}");
        if (sizeBytes % LoopDevices.BlockBytes != 0)
            throw new LofizoneException(
                $"{image}: {sizeBytes} bytes are not a multiple of {LoopDevices.BlockBytes}: the last {sizeBytes % LoopDevices.BlockBytes} bytes would be out of reach",
                $"an image is a whole number of {LoopDevices.BlockBytes}-byte blocks: make a new one with mkfile, or extend it with: truncate -s %{LoopDevices.BlockBytes} FILE");
    }
}
