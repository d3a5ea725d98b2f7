using Lofizone.Interop;

namespace Lofizone.Shares;

/// <summary>Opens paths without following any symbolic link: a writer of a share must not be able to lead root elsewhere.</summary>
internal static class SafePath
{
    internal const ResolveFlags Rules = ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks;

    /// <summary>Opens a regular file by its absolute path.</summary>
    /// <exception cref="LofizoneException">The file can't be opened. The message names the path and the reason.</exception>
    /// <exception cref="NotRegularFileException">The object is not a regular file.</exception>
    public static FileDescriptor OpenRegular(string path, OpenFlags flags)
    {
        try
        {
            using FileDescriptor root = Files.Open("/", OpenFlags.Path | OpenFlags.Directory);
            return RegularFile.Open(root, path[1..], flags, Rules);
        }
        catch (LinuxException e)
        {
            throw ShareErrors.Explain(e, path);
        }
    }

    /// <summary>Opens an absolute path.</summary>
    /// <exception cref="LofizoneException">The path can't be opened. The message names the path and the reason.</exception>
    public static FileDescriptor Open(string path, OpenFlags flags)
    {
        try
        {
            using FileDescriptor root = Files.Open("/", OpenFlags.Path | OpenFlags.Directory);
            return Files.OpenAt(root, path == "/" ? "." : path[1..], flags, Rules);
        }
        catch (LinuxException e)
        {
            throw ShareErrors.Explain(e, path);
        }
    }
}
