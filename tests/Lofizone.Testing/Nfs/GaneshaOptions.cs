namespace Lofizone.Testing.Nfs;

/// <summary>
/// Options of a test's real NFS server. The defaults suit most tests: no squash, no grace period, minor versions 1 and 2.
/// </summary>
public sealed record GaneshaOptions
{
    public string PseudoPath { get; init; } = "/export";

    /// <summary>The server maps root to <see cref="AnonymousUid"/>, as a NAS does.</summary>
    public bool RootSquash { get; init; }

    /// <summary>
    /// User ID of a squashed root. With root squash this user owns the exported directory, so that a squashed root may write.
    /// </summary>
    public uint AnonymousUid { get; init; } = 65534;

    /// <summary>Owner of the exported directory; null means root, or <see cref="AnonymousUid"/> when root is squashed.</summary>
    public uint? ExportOwner { get; init; }

    public UnixFileMode ExportMode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Grace period after a start, in seconds; null for none (clients can't reclaim then).</summary>
    public int? GraceSeconds { get; init; }

    /// <summary>The export's access list, as ganesha-export-config(8) has it: the only hosts that see the export; null for all.</summary>
    public string? Clients { get; init; }

    /// <summary>Lease time in seconds, 1 or more.</summary>
    public int LeaseSeconds { get; init; } = 20;

    /// <summary>Minor versions of NFSv4 that the server supports.</summary>
    public IReadOnlyList<int> MinorVersions { get; init; } = [1, 2];

    public bool ReadWrite { get; init; } = true;

    /// <summary>Directory to export; null for a fresh one below the server's own directory.</summary>
    public string? ExportDirectory { get; init; }

    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Address that the server binds; <see cref="Address"/> by default.</summary>
    public string? BindAddress { get; init; }

    /// <summary>Name of the network namespace (ip-netns(8)) to run in; null for this machine's own.</summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>Log level of ganesha: EVENT, INFO, DEBUG or FULL_DEBUG.</summary>
    public string LogLevel { get; init; } = "EVENT";

    /// <summary>Longest wait for the server to answer after a start.</summary>
    public TimeSpan StartDeadline { get; init; } = TimeSpan.FromSeconds(20);
}
