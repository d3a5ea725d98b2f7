namespace Lofizone.Install;

/// <summary>What a user may choose about an install.</summary>
public sealed record InstallOptions
{
    public static InstallOptions Default { get; } = new();

    /// <summary>Names of packages of the global zone that the zone gets besides the standard set, with what they depend on.</summary>
    public IReadOnlyList<string> ExtraPackages { get; init; } = [];
}
