namespace Lofizone.Install.Update;

/// <summary>The packages that a host has for zones of a brand.</summary>
/// <param name="Standard">
/// The packages that an install on this host would put into a zone. These packages must match in a zone that comes here.
/// </param>
/// <param name="Installed">All packages of the global zone.</param>
public sealed record HostOffer(Manifest Standard, IReadOnlyList<ManifestPackage> Installed);

/// <summary>The packages that an attach updates to this host's versions.</summary>
public enum UpdateKind
{
    /// <summary>No package. The packages that must match have to match already.</summary>
    None,

    /// <c>-u</c>: only the packages that must match, and their dependencies.
    Needed,

    /// <c>-U</c>: all packages that this host has, and those that its own zones would get.
    All,
}

/// <summary>A package whose versions differ.</summary>
/// <param name="Name">Name of the package.</param>
/// <param name="Zone">Version in the zone.</param>
/// <param name="Host">Version in the global zone.</param>
public sealed record PackageDifference(string Name, string Zone, string Host)
{
    public override string ToString() => $"{Name} ({Zone}) (this system: {Host})";
}
