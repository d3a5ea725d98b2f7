using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Devices;

/// <summary>
/// An image in a directory of this host, opened and locked. The lock belongs to the open file description. Passed to the loop driver, the
/// lock lives as long as the loop device, without a process of this program. (On the kernel's NFSv4.1+ client the lock is the server's.)
/// </summary>
internal static class DirImage
{
    /// <summary>Opens the image for reading and writing and takes its lock.</summary>
    /// <param name="image">The image's name in messages.</param>
    /// <param name="path">The image's path on this host.</param>
    /// <returns>The open file and its size in bytes. The file is null when another host or program holds the image.</returns>
    /// <exception cref="LofizoneException">
    /// The image is missing, is not a regular file, has a bad size, is behind a symbolic link, or is on an unfit NFS mount.
    /// </exception>
    public static (FileDescriptor? File, long SizeBytes) OpenLocked(ShareUri image, string path)
    {
        FileDescriptor file;
        try
        {
            file = SafePath.OpenRegular(path, OpenFlags.ReadWrite);
        }
        catch (LofizoneException e) when (e.InnerException is LinuxException { Errno: Errno.EACCES } && DeniedTo(path) is { } size)
        {
            return (null, size);
        }
        catch (NotRegularFileException e)
        {
            throw new LofizoneException($"{image}: not a regular file", "name the image file itself", e);
        }

        try
        {
            FileStatus status = FileStatus.Of(file);
            ImageSize.Check(image, status.Size);
            if (OfdLock.TryLock(file))
                return (file, status.Size);
            file.Dispose();
            return (null, status.Size);
        }
        catch (LinuxException e)
        {
            file.Dispose();
            throw ShareErrors.Explain(e, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The size when only another client's open for writing prevents the open. An engine denies writes to others, and this kernel's NFS
    /// client reports that like a lack of permission, although the server's own rules allow the write.
    /// </summary>
    private static long? DeniedTo(string path)
    {
        try
        {
            using FileDescriptor file = SafePath.OpenRegular(path, OpenFlags.ReadOnly);
            return Files.MayWrite(file) ? FileStatus.Of(file).Size : null;
        }
        catch (Exception e) when (e is LofizoneException or LinuxException or NotRegularFileException)
        {
            return null;
        }
    }
}
