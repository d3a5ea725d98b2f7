using System.Security.Cryptography;

namespace Lofizone.Shares;

/// <summary>How an <see cref="NfsShare"/> talks to its server.</summary>
public sealed record NfsShareOptions
{
    /// <summary>Client owner of this attachment; a fresh nonce unless the caller keeps one.</summary>
    public byte[] ClientOwner { get; init; } = RandomNumberGenerator.GetBytes(16);

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Longest wait for a connection.</summary>
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where a server's portmapper is asked for what the server speaks instead.</summary>
    public int PortMapperPort { get; init; } = Nfs.PortMapper.Port;

    /// <summary>Longest wait for any one answer.</summary>
    public TimeSpan AnswerDeadline { get; init; } = TimeSpan.FromSeconds(15);
}
