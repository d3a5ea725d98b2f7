using System.Text;

namespace Lofizone.Nfs.Protocol;

/// <summary>Absolute paths from a server's pseudo root.</summary>
internal static class ServerPath
{
    private const int MaxComponentBytes = 255;
    private const int MaxComponents = 64;

    /// <summary>The components of a path.</summary>
    /// <exception cref="ArgumentException">The path is not absolute, or has a forbidden component: '.', '..' or one with a NUL.</exception>
    /// <exception cref="NfsException">A component, or the path, is too long (<see cref="NfsStatus.NameTooLong"/>).</exception>
    public static string[] Split(string path)
    {
        if (!path.StartsWith('/'))
            throw new ArgumentException($"'{path}' is no absolute path", nameof(path));
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length > MaxComponents)
            throw NfsException.For(NfsStatus.NameTooLong, "LOOKUP", path, $"more than {MaxComponents} components");
        foreach (string name in names)
        {
            if (name is "." or ".." || name.Contains('\0'))
                throw new ArgumentException($"'{path}' holds '.', '..' or a NUL", nameof(path));
            if (Encoding.UTF8.GetByteCount(name) > MaxComponentBytes)
                throw NfsException.For(NfsStatus.NameTooLong, "LOOKUP", path);
        }
        return names;
    }
}
