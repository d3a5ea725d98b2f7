using Lofizone.Nfs.Resume;
using Lofizone.Nfs.Threading;
using Lofizone.Observation;

namespace Lofizone.Nfs.Options;

/// <summary>How to reach a server, and as whom.</summary>
public sealed record NfsClientOptions
{
    /// <summary>Bounds of <see cref="MaxSlots"/>.</summary>
    public const int SlotLimit = 64;

    /// <summary>Host name or address literal.</summary>
    public required string Server { get; init; }

    public int Port { get; init; } = 2049;

    /// <summary>Most <see cref="ConnectionsPerPath"/>.</summary>
    public const int ConnectionsLimit = 16;

    /// <summary>What <see cref="ConnectionsPerPath"/> is unless somebody chooses.</summary>
    public const int DefaultConnections = 1;

    /// <summary>Further addresses of the same server: each is a path of its own (session trunking, RFC 8881 section 2.10.5).</summary>
    public IReadOnlyList<NfsAddress> OtherAddresses { get; init; } = [];

    /// <summary>Connections to each address, 1..16.</summary>
    public int ConnectionsPerPath { get; init; } = DefaultConnections;

    /// <summary>AUTH_SYS user (RFC 5531 appendix A).</summary>
    public uint Uid { get; init; }

    /// <summary>AUTH_SYS group.</summary>
    public uint Gid { get; init; }

    /// <summary>Who this client is to the server (co_ownerid): a random nonce of at least 16 bytes, kept by the caller as long as the
    /// attachment lives.
    /// Two clients with one owner throw each other out, so it is never made of a host name or machine ID.</summary>
    public required byte[] ClientOwner { get; init; }

    /// <summary>Name of this machine for the server's logs and for others who meet our lock; no identity.</summary>
    public string MachineName { get; init; } = Environment.MachineName;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Longest wait for a connection to come up.</summary>
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for an answer to anything but reads, writes and flushes of an open file, which wait without limit.</summary>
    public TimeSpan SetupDeadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Requests in flight, 1..64; the server may allow fewer.</summary>
    public int MaxSlots { get; init; } = SlotLimit;

    /// <summary>
    /// Which small reads and writes may go together in one COMPOUND when the server has enough to do. Null: what the server has shown that
    /// it
    /// takes right, which the Linux kernel's does not in every version (<c>PackingProof</c>).
    /// </summary>
    public NfsPacking? Packing { get; init; }

    /// <summary>Largest READ or WRITE in bytes, 4096..1 MiB; the server may allow less.</summary>
    public int MaxIoBytes { get; init; } = 1 << 20;

    /// <summary>Highest minor version to try: 2, or 1 to leave out NFSv4.2.</summary>
    public int MaxMinorVersion { get; init; } = 2;

    /// <summary>Threads of the client; null for those of the operating system.</summary>
    internal IClientThreads? Threads { get; init; }

    /// <summary>Where a successor finds what it needs when this process is killed; null when nobody could take over.</summary>
    public NfsResumeMemory? ResumeMemory { get; init; }

    /// <summary>Sees every call and reply; null when nobody wants to.</summary>
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
