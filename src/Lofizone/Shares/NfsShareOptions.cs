using Lofizone.Interop;


namespace Lofizone.Shares;

/// <summary>Options for the communication of an <see cref="NfsShare"/> with its server.</summary>
public sealed record NfsShareOptions
{
    /// <summary>Client owner of this attachment: a fresh nonce, unless the caller keeps one.</summary>
    public byte[] ClientOwner { get; init; } = RandomBytes.Get(16);

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Longest wait for a connection.</summary>
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Port of the server's portmapper, which is asked for the versions that the server speaks.</summary>
    public int PortMapperPort { get; init; } = Nfs.PortMapper.Port;

    /// <summary>Longest wait for any one answer.</summary>
    public TimeSpan AnswerDeadline { get; init; } = TimeSpan.FromSeconds(15);
}
