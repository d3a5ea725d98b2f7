namespace Lofizone.Explain;

/// <summary>Space of a mounted file system, bytes.</summary>
internal sealed record FileSystemSpace(long Total, long Free, long Available, string Type)
{
    public static FileSystemSpace Of(string mountPoint)
    {
        DriveInfo drive = new(mountPoint);
        return new FileSystemSpace(drive.TotalSize, drive.TotalFreeSpace, drive.AvailableFreeSpace, drive.DriveFormat);
    }
}
