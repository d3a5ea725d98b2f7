namespace Lofizone.Zones;

/// <summary>
/// Directories from which this host takes programs, configuration, devices or its users' files. Control over the content of such a
/// directory is control over the host. So a zone's file system is never mounted at or below one, whoever asks for that.
/// </summary>
internal static class SystemDirectories
{
    /// <summary>
    /// The directories of the Filesystem Hierarchy Standard that do not belong to the site, and the program directories of other package
    /// managers.
    /// </summary>
    private static readonly string[] _whole =
        [
            "/bin", "/boot", "/dev", "/etc", "/gnu", "/lost+found", "/nix", "/opt", "/proc", "/root", "/run", "/sbin", "/snap", "/sys",
            "/usr", "/var",
        ];

    /// <summary>
    /// Directories in /var that are made for zones. Other directories in /var may look unused although they are not: an empty crontabs, an
    /// empty dpkg/updates.
    /// </summary>
    private static readonly string[] _forZones = ["/var/lib/lofizone", "/var/lib/zones", "/var/zones"];

    /// <summary>The site's own directories, which hold other parties' directories.</summary>
    private static readonly string[] _parents = ["/home", "/media", "/mnt", "/srv", "/tmp"];

    private const string Libraries = "/lib";
    private const string Homes = "/home";

    /// <summary>The system's directory that a path is, or lies in; null when there is none.</summary>
    /// <param name="path">Absolute, normalized path.</param>
    public static string? Of(string path)
    {
        if (_parents.FirstOrDefault(p => p == path) is { } parent)
            return parent;
        // A name directly below the homes belongs to a user.
        if (Path.GetDirectoryName(path) == Homes)
            return Homes;
        if (_forZones.Any(d => IsBelow(path, d)))
            return null;
        string top = "/" + path.Split('/')[1];
        return top.StartsWith(Libraries, StringComparison.Ordinal) ? top : _whole.FirstOrDefault(d => d == top);
    }

    private static bool IsBelow(string path, string directory) => path.StartsWith(directory + "/", StringComparison.Ordinal);
}
