using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.User;

/// <summary>Everything that a command which fails may not change: configuration, zonepaths, files on the share, devices, mounts.</summary>
internal static class Leavings
{
    /// <summary>One line each; processes aside, since those of an earlier command may still be ending.</summary>
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
