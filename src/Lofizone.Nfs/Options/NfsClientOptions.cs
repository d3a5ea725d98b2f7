using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Threading;
using Lofizone.Observation;

namespace Lofizone.Nfs.Options;

/// <summary>The addresses of a server, and this client's identity.</summary>
public sealed record NfsClientOptions
{
    /// <summary>Upper limit of <see cref="MaxSlots"/>.</summary>
    public const int SlotLimit = 64;

    /// <summary>Host name or address literal.</summary>
    public required string Server { get; init; }

    public int Port { get; init; } = 2049;

    /// <summary>Upper limit of <see cref="ConnectionsPerPath"/>.</summary>
    public const int ConnectionsLimit = 16;

    /// <summary>Default of <see cref="ConnectionsPerPath"/>.</summary>
    public const int DefaultConnections = 1;

    /// <summary>
    /// Further addresses of the same server. Each address is a path of its own (session trunking, RFC 8881 section 2.10.5).
    /// </summary>
    public IReadOnlyList<NfsAddress> OtherAddresses { get; init; } = [];

    /// <summary>Number of connections to each address, 1..16.</summary>
    public int ConnectionsPerPath { get; init; } = DefaultConnections;

    /// <summary>User ID of the AUTH_SYS credential (RFC 5531 appendix A).</summary>
    public uint Uid { get; init; }

    /// <summary>Group ID of the AUTH_SYS credential.</summary>
    public uint Gid { get; init; }

    /// <summary>
    /// This client's identity at the server (co_ownerid): a random nonce of at least 16 bytes. The caller keeps the nonce as long as the
    /// attachment lives. Two clients with one owner evict each other, so the nonce is never derived from a host name or machine ID.
    /// </summary>
    public required byte[] ClientOwner { get; init; }

    /// <summary>
    /// Name of this machine, for the server's logs and for other clients that meet the lock. The name is not an identity.
    /// </summary>
    public string MachineName { get; init; } = Environment.MachineName;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Longest wait for a connection to come up.</summary>
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for an answer. Reads, writes and flushes of an open file have no limit.</summary>
    public TimeSpan SetupDeadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Number of requests in flight, 1..64. The server may allow fewer.</summary>
    public int MaxSlots { get; init; } = SlotLimit;

    /// <summary>
    /// The small reads and writes that may go together in one COMPOUND when the server has enough work. Null: those that the server has
    /// proved to execute correctly (<c>PackingProof</c>). The Linux kernel's server does not in every version.
    /// </summary>
    public NfsPacking? Packing { get; init; }

    /// <summary>Largest READ or WRITE in bytes, 4096..1 MiB. The server may allow less.</summary>
    public int MaxIoBytes { get; init; } = 1 << 20;

    /// <summary>Highest minor version to try: 2, or 1 to leave out NFSv4.2.</summary>
    public int MaxMinorVersion { get; init; } = 2;

    /// <summary>Threads of the client; null for those of the operating system.</summary>
    internal IClientThreads? Threads { get; init; }

    /// <summary>Memory with the state that a successor needs when this process is killed. Null when there can be no successor.</summary>
    public NfsResumeMemory? ResumeMemory { get; init; }

    /// <summary>Gets every call and reply; null without a trace.</summary>
    public IMessageTap? Tap { get; init; }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Server);
        ArgumentOutOfRangeException.ThrowIfLessThan(ClientOwner.Length, 16, nameof(ClientOwner));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ClientOwner.Length, 1024, nameof(ClientOwner));
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectionsPerPath, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ConnectionsPerPath, ConnectionsLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSlots, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxSlots, SlotLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxIoBytes, 4096);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxIoBytes, 1 << 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMinorVersion, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxMinorVersion, 2);
    }
}
