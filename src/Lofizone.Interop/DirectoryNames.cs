using System.Text;

namespace Lofizone.Interop;

/// <summary>
/// Names in an open directory as text. The names are those of the opened directory, even if its path leads elsewhere now.
/// </summary>
public static class DirectoryNames
{
    /// <summary>
    /// Largest number of names that is read from one directory. A larger directory gives an error instead of filling memory.
    /// </summary>
    public const int Limit = 100_000;

    /// <summary>All names but "." and "..", in the file system's order.</summary>
    /// <exception cref="LinuxException">EOVERFLOW for more than <see cref="Limit"/> names.</exception>
    public static IReadOnlyList<string> Read(FileDescriptor directory)
    {
        List<string> names = [];
        foreach (RawName name in RawDirectory.Names(directory))
        {
            names.Add(Encoding.UTF8.GetString(name.Bytes.AsSpan(..^1)));
            if (names.Count > Limit)
                throw new LinuxException(Errno.EOVERFLOW, "getdents64");
        }

        return names;
    }
}
