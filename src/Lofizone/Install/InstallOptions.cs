namespace Lofizone.Install;

/// <summary>The user's choices for an install.</summary>
public sealed record InstallOptions
{
    public static InstallOptions Default { get; } = new();

    /// <summary>
    /// Names of packages of the global zone that the zone gets in addition to the standard set. Their dependencies are added.
    /// </summary>
    public IReadOnlyList<string> ExtraPackages { get; init; } = [];
}
