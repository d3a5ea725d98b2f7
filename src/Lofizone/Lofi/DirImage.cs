using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Lofi;

/// <summary>
/// An image in a directory, opened and locked. The lock belongs to the open file: handed to the loop driver it lives as long as the
/// loop device, without a process of ours (on kernel NFSv4.1+ it is a lock of the server).
/// </summary>
internal static class DirImage
{
    /// <summary>Opens the image for reading and writing and takes its lock.</summary>
    /// <returns>The open file, or null when another open file holds the lock; and its size in bytes.</returns>
    /// <exception cref="LofizoneException">Missing, no regular file, bad size, a symbolic link on the way, an unfit NFS mount.</exception>
    public static (FileDescriptor? File, long SizeBytes) OpenLocked(ShareUri image)
    {
        FileDescriptor file = SafePath.Open(image.Path, OpenFlags.ReadWrite | OpenFlags.NonBlocking);
        try
        {
            FileStatus status = FileStatus.Of(file);
            if (status.Kind != FileKind.Regular)
                throw new LofizoneException($"{image}: not a regular file", "name the image file itself");
            ImageSize.Check(image, status.Size);
            if (OfdLock.TryLock(file))
                return (file, status.Size);
            file.Dispose();
            return (null, status.Size);
        }
        catch (LinuxException e)
        {
            file.Dispose();
            throw ShareErrors.Explain(e, image.Path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
