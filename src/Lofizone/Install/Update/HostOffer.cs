namespace Lofizone.Install.Update;

/// <summary>What a host has for zones of a brand.</summary>
/// <param name="Standard">What an install here would put into a zone: these packages must match in a zone that comes here.</param>
/// <param name="Installed">All packages of the global zone.</param>
public sealed record HostOffer(Manifest Standard, IReadOnlyList<ManifestPackage> Installed);

/// <summary>Which packages an attach brings to this host's versions.</summary>
public enum UpdateKind
{
    /// <summary>None: those that must match have to.</summary>
    None,

    /// <summary><c>-u</c>: only those that must match, and what they need.</summary>
    Needed,

    /// <summary><c>-U</c>: all that this host has, and those its own zones would get.</summary>
    All,
}

/// <summary>A package whose versions differ.</summary>
/// <param name="Name">Package.</param>
/// <param name="Zone">Version in the zone.</param>
/// <param name="Host">Version in the global zone.</param>
public sealed record PackageDifference(string Name, string Zone, string Host)
{
    public override string ToString() => $"{Name} ({Zone}) (this system: {Host})";
}
