using Lofizone.Interop;

namespace Lofizone.Shares;

/// <summary>
/// Opens what a path names without following a symbolic link anywhere on the way: whoever can write to a share must not be able to
/// lead root elsewhere.
/// </summary>
internal static class SafePath
{
    internal const ResolveFlags Rules = ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks;

    /// <summary>Opens a file by its absolute path, and nothing but a file.</summary>
    /// <exception cref="LofizoneException">It can't be opened; the message names the path and the reason.</exception>
    /// <exception cref="NotRegularFileException">Something else stands there.</exception>
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
    /// <exception cref="LofizoneException">It can't be opened; the message names the path and the reason.</exception>
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
