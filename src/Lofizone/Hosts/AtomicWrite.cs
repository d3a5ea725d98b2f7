using Lofizone.Interop;

namespace Lofizone.Hosts;

/// <summary>
/// Writes a file in an open directory atomically, even when the host or the server dies: temporary name, flush, rename, and flush of the
/// directory.
/// </summary>
internal static class AtomicWrite
{
    private const uint PrivateFile = 0x180; // 0600

    /// <exception cref="LinuxException">The write failed, for example for lack of rights or space. The file has not changed.</exception>
    public static void Write(FileDescriptor directory, string name, ReadOnlySpan<byte> content, uint mode = PrivateFile)
    {
        string temporary = $".{name}.{Guid.NewGuid():N}";
        FaultPoint.Reached(FaultPoint.Store, name, FaultPoint.Before);
        try
        {
            using (FileDescriptor file = Files.OpenAt(
                directory, temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow,
                ResolveFlags.Beneath | ResolveFlags.NoSymlinks, mode))
            {
                FileContent.Write(file, content, 0);
                FileContent.Sync(file);
            }

            FaultPoint.Reached(FaultPoint.Store, name, FaultPoint.Written);
            Files.Rename(directory, temporary, name);
            FileContent.Sync(directory);
            FaultPoint.Reached(FaultPoint.Store, name, FaultPoint.After);
        }
        catch
        {
            RemoveQuietly(directory, temporary);
            throw;
        }
    }

    private static void RemoveQuietly(FileDescriptor directory, string name)
    {
        try
        {
            Files.Remove(directory, name);
        }
        catch (LinuxException)
        {
            // The first failure is the one to report. No reader knows the temporary file's name.
        }
    }
}
