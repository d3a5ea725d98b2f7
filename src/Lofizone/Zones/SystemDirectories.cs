namespace Lofizone.Zones;

/// <summary>
/// Directories from which this host takes programs, configuration, devices or its users' files: whoever could fill one of them would
/// command the host. A zone's file system is mounted at none of them and nowhere below, whoever asks for it.
/// </summary>
internal static class SystemDirectories
{
    /// <summary>
    /// Of the Filesystem Hierarchy Standard those that are not the site's own, and where other package managers keep programs.
    /// </summary>
    private static readonly string[] _whole =
        [
            "/bin", "/boot", "/dev", "/etc", "/gnu", "/lost+found", "/nix", "/opt", "/proc", "/root", "/run", "/sbin", "/snap", "/sys",
            "/usr", "/var",
        ];

    /// <summary>
    /// Directories in /var that are made for zones. Others there look free and are not: an empty crontabs, an empty dpkg/updates.
    /// </summary>
    private static readonly string[] _forZones = ["/var/lib/lofizone", "/var/lib/zones", "/var/zones"];

    /// <summary>The site's own, which hold others' directories.</summary>
    private static readonly string[] _parents = ["/home", "/media", "/mnt", "/srv", "/tmp"];

    private const string Libraries = "/lib";
    private const string Homes = "/home";

    /// <summary>The directory of the system that a path is, or lies in; null when it is none of them.</summary>
    /// <param name="path">Absolute and normalized.</param>
    public static string? Of(string path)
    {
        if (_parents.FirstOrDefault(p => p == path) is { } parent)
            return parent;
        // A name right below is a user's.
        if (Path.GetDirectoryName(path) == Homes)
            return Homes;
        if (_forZones.Any(d => IsBelow(path, d)))
            return null;
        string top = "/" + path.Split('/')[1];
        return top.StartsWith(Libraries, StringComparison.Ordinal) ? top : _whole.FirstOrDefault(d => d == top);
    }

    private static bool IsBelow(string path, string directory) => path.StartsWith(directory + "/", StringComparison.Ordinal);
}
