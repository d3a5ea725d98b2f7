using Lofizone.Fuse;

namespace Lofizone.Lofi;

/// <summary>An image served on a file of this host by FUSE.</summary>
internal static class EngineFuseMount
{
    public static IEngineMount Make(IBlockFile file, string path) =>
        throw new LofizoneException($"{path}: {file.Length} bytes: this build can't serve images by FUSE yet", "mount the share and name the image as dir:/MOUNTPOINT/...");
}
