using Lofizone.Interop;

namespace Lofizone.Explain;

/// <summary>Space of a mounted file system, bytes.</summary>
internal sealed record FileSystemSpace(long Total, long Free, long Available, string Type)
{
    public static FileSystemSpace Of(string mountPoint)
    {
        using FileDescriptor directory = Files.Open(mountPoint, OpenFlags.Path | OpenFlags.Directory);
        FileSystemStatus status = FileSystemStatus.Of(directory);
        return new FileSystemSpace(status.TotalBytes, status.FreeBytes, status.AvailableBytes, MountTable.Read().At(mountPoint)?.FileSystemType ?? "unknown");
    }
}
