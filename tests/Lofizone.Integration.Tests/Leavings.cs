using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests;

/// <summary>All objects that a failed command may not change: configuration, zonepaths, files on the share, devices, mounts.</summary>
internal static class Leavings
{
    /// <summary>The objects, one line each. Processes are left out, because an earlier command's processes may still be ending.</summary>
    public static IReadOnlyList<string> Of(TestHost host, string? shareDirectory = null) =>
    [
        .. Files(host.Paths.ZoneIndex),
        .. Files(host.Paths.Zones),
        .. shareDirectory is null ? [] : Files(shareDirectory),
        .. HostTraces.Find(host.Paths).Where(t => !t.StartsWith("process ", StringComparison.Ordinal)),
    ];

    private static IEnumerable<string> Files(string directory) =>
        Directory.Exists(directory)
            ? Directory.EnumerateFileSystemEntries(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, MaxRecursionDepth = 2 }).Order(StringComparer.Ordinal)
            : [];
}
