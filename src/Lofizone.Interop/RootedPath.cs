namespace Lofizone.Interop;

/// <summary>
/// Looks into a tree that another party controls. Symbolic links, also absolute ones, are followed as if the tree were the root directory,
/// and never lead out of the tree (openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS).
/// </summary>
public static class RootedPath
{
    /// <summary>
    /// The path below <paramref name="root"/> that <paramref name="path"/> leads to after all links, with a leading slash. Null when the
    /// path leads nowhere.
    /// </summary>
    public static string? Resolve(string root, string path)
    {
        using FileDescriptor directory = DescriptorPath.Open(root, DescriptorPath.PathOnly);
        using FileDescriptor? file = Open(directory, path, OpenFlags.Path);
        if (file is null)
            return null;
        string? top = File.ResolveLinkTarget($"/proc/self/fd/{directory.Number}", returnFinalTarget: false)?.FullName;
        string? found = File.ResolveLinkTarget($"/proc/self/fd/{file.Number}", returnFinalTarget: false)?.FullName;
        return top is not null && found is not null && found.StartsWith(top, StringComparison.Ordinal) ? found[top.Length..] : null;
    }

    /// <summary>True when the path leads to a directory in the tree.</summary>
    public static bool IsDirectory(string root, string path)
    {
        using FileDescriptor directory = DescriptorPath.Open(root, DescriptorPath.PathOnly);
        using FileDescriptor? file = Open(directory, path, OpenFlags.Path);
        return file is not null && FileStatus.Of(file).Kind == FileKind.Directory;
    }

    /// <summary>
    /// Reads at most <paramref name="limitBytes"/> from the start of a regular file in the tree. Null when there is no such file.
    /// </summary>
    public static byte[]? Read(string root, string path, int limitBytes)
    {
        using FileDescriptor directory = DescriptorPath.Open(root, DescriptorPath.PathOnly);
        try
        {
            using FileDescriptor file = RegularFile.Open(
                directory, path, OpenFlags.ReadOnly, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks);
            return RegularFile.Read(file, limitBytes);
        }
        catch (Exception error) when (error is LinuxException or NotRegularFileException)
        {
            return null;
        }
    }

    private static FileDescriptor? Open(FileDescriptor directory, string path, OpenFlags flags) =>
        OpenAt2.TryOpen(directory, path, flags, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks);
}
