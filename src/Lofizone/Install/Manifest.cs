namespace Lofizone.Install;

/// <summary>
/// What a zone's root was made of: kept beside the image on the share, so that a host which takes the zone over, or a person, can tell
/// without mounting it.
/// </summary>
public sealed record Manifest
{
    /// <summary>The version of this format that the code writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary><see cref="Init"/> of a zone that boots systemd.</summary>
    public const string SystemdInit = "systemd";

    /// <summary><see cref="Init"/> of a zone that boots busybox init.</summary>
    public const string BusyboxInit = "busybox";

    public int Version { get; init; } = CurrentVersion;

    /// <summary>How the root was filled: <c>native</c>.</summary>
    public required string Brand { get; init; }

    /// <summary>Version of this program.</summary>
    public required string LofizoneVersion { get; init; }

    /// <summary>When the install ended, UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>ID and VERSION_ID of os-release(5), for example "debian 12".</summary>
    public required string Os { get; init; }

    /// <summary>Release of the kernel that ran during the install, for example "6.1.0-18-amd64".</summary>
    public required string KernelRelease { get; init; }

    /// <summary>Debian's name of the architecture, for example "amd64": the zone boots only on hosts of this one.</summary>
    public required string Architecture { get; init; }

    /// <summary>
    /// What runs as the zone's PID 1: <see cref="SystemdInit"/> or <see cref="BusyboxInit"/>. It decides how the zone is asked to stop.
    /// </summary>
    public required string Init { get; init; }

    public required IReadOnlyList<ManifestPackage> Packages { get; init; }
}

/// <summary>One package of a zone, in dpkg's terms.</summary>
public sealed record ManifestPackage(string Name, string Version, string Architecture);
