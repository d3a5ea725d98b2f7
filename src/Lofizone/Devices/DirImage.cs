using Lofizone.Engine;
using Lofizone.Interop;
using Lofizone.Shares;

namespace Lofizone.Devices;

/// <summary>
/// An image in a directory of this host, opened and locked. The lock belongs to the open file: handed to the loop driver it lives as long
/// as the loop device, without a process of ours (on kernel NFSv4.1+ it is a lock of the server).
/// </summary>
internal static class DirImage
{
    /// <summary>Opens the image for reading and writing and takes its lock.</summary>
    /// <param name="image">What messages call it.</param>
    /// <param name="path">Where it is on this host.</param>
    /// <returns>The open file, or null when another holds the image; and its size in bytes.</returns>
    /// <exception cref="LofizoneException">Missing, no regular file, bad size, a symbolic link on the way, an unfit NFS mount.</exception>
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
    /// The size when only another client's open for writing stands in the way: an engine denies others to write, which this kernel's NFS
    /// client reports like a lack of permission, although the server's own rules allow it.
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
