namespace Lofizone.Install;

/// <summary>
/// Description of a zone's root, kept beside the image on the share. A host that takes the zone over, or a person, can read it without
/// mounting the image.
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

    /// <summary>The way in which the root was filled: <c>native</c>.</summary>
    public required string Brand { get; init; }

    /// <summary>Version of this program.</summary>
    public required string LofizoneVersion { get; init; }

    /// <summary>Time at which the install ended, UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>ID and VERSION_ID of os-release(5), for example "debian 12".</summary>
    public required string Os { get; init; }

    /// <summary>Release of the running kernel at the install, for example "6.1.0-18-amd64".</summary>
    public required string KernelRelease { get; init; }

    /// <summary>Debian's name of the architecture, for example "amd64". The zone boots only on hosts of this architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>
    /// The program of the zone's PID 1: <see cref="SystemdInit"/> or <see cref="BusyboxInit"/>. The program decides how the zone is asked
    /// to stop.
    /// </summary>
    public required string Init { get; init; }

    public required IReadOnlyList<ManifestPackage> Packages { get; init; }
}

/// <summary>One package of a zone, in dpkg's terms.</summary>
public sealed record ManifestPackage(string Name, string Version, string Architecture);
